// The top byte of an address is the program's own: the CPU does not look at it.
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "tests/guest/arch/signal_context.h"
#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr uintptr_t kTag = uintptr_t{0xab} << 56;

template <typename T>
T* tagged(T* plain) {
  return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(plain) | kTag);
}

TEST(TaggedAddress, LoadsAndStores) {
  volatile int word = 5;
  EXPECT_EQ(*tagged(&word), 5);
  *tagged(&word) = 6;
  EXPECT_EQ(word, 6);
}

TEST(TaggedAddress, PagesComeWhenTouched) {
  auto* const page =
      static_cast<volatile char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  *tagged(page + 4096) = 3;
  EXPECT_EQ(page[4096], 3);
  EXPECT_EQ(run_child([page] {
              *tagged(page + 4096) = 4;  // a page that is copied
              return page[4096];
            }),
            4);
  EXPECT_EQ(page[4096], 3);
}

TEST(TaggedAddress, AFaultIsToldWithoutTheTag) {
  static sigjmp_buf place;
  noted = {};
  handle(SIGSEGV, [](int signal, siginfo_t* info, void*) {
    note(signal, info, nullptr);
    siglongjmp(place, 1);
  });
  if (sigsetjmp(place, 1) == 0) {
    load_byte(reinterpret_cast<void*>(kTag | 0x18));
  }
  EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(0x18));
  EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
  set_action(SIGSEGV, SIG_DFL);
}

TEST(TaggedAddress, ABranchDropsTheTag) {
  static int calls;
  calls = 0;
  void (*const function)() = [] { ++calls; };
  tagged(function)();
  EXPECT_EQ(calls, 1);
  handle(SIGUSR1, [](int, siginfo_t*, void* context) {
    context_pc(*static_cast<ucontext_t*>(context)) |= kTag;
  });
  EXPECT_EQ(raise(SIGUSR1), 0);
  set_action(SIGUSR1, SIG_DFL);
}

// Calls take no tags, as long as a program has not asked for that.
TEST(TaggedAddress, IsNoneForCalls) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  char byte = 1;
  EXPECT_EQ(write(ends[1], tagged(&byte), 1), -1);
  EXPECT_EQ(errno, EFAULT);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
