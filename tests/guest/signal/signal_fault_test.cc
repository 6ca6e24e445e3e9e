// Faults as signals: which, why and where.
// feature-map: 24, 28
#include <gtest/gtest.h>
#include <setjmp.h>
#include <sys/mman.h>

#include "tests/guest/arch/faults.h"
#include "tests/guest/arch/signal_context.h"
#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

sigjmp_buf place;

void leave(int signal, siginfo_t* info, void*) {
  note(signal, info, nullptr);
  siglongjmp(place, 1);
}

class SignalFault : public testing::Test {
 protected:
  void SetUp() override {
    noted = {};
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) {
      handle(signal, leave);
    }
  }
  void TearDown() override {
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) {
      set_action(signal, SIG_DFL);
    }
  }
};

template <typename Cause>
bool faults(Cause&& cause) {
  if (sigsetjmp(place, 1) != 0) return true;
  cause();
  return false;
}

TEST_F(SignalFault, NothingMapped) {
  for (const uintptr_t address :
       {uintptr_t{0}, uintptr_t{0x1234}, uintptr_t{0x10'0000'0008}}) {
    EXPECT_TRUE(faults([&] { load_byte(reinterpret_cast<void*>(address)); }));
    EXPECT_EQ(noted.signal, SIGSEGV);
    EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
    EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(address));
    EXPECT_TRUE(faults([&] { store_byte(reinterpret_cast<void*>(address)); }));
    EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
    EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(address));
  }
}

TEST_F(SignalFault, NotAllowed) {
  auto* page = static_cast<uint8_t*>(
      mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_FALSE(faults([&] { load_byte(page); }));
  EXPECT_TRUE(faults([&] { store_byte(page + 77); }));
  EXPECT_EQ(noted.signal, SIGSEGV);
  EXPECT_EQ(noted.info.si_code, SEGV_ACCERR);
  EXPECT_EQ(noted.info.si_addr, page + 77);
  mprotect(page, 4096, PROT_NONE);
  EXPECT_TRUE(faults([&] { load_byte(page + 5); }));
  EXPECT_EQ(noted.info.si_code, SEGV_ACCERR);
  EXPECT_EQ(noted.info.si_addr, page + 5);
  munmap(page, 4096);
  EXPECT_TRUE(faults([&] { load_byte(page + 5); }));
  EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
}

TEST_F(SignalFault, JumpToNoWhere) {
  EXPECT_TRUE(faults([] { jump_to(0x4000); }));
  EXPECT_EQ(noted.signal, SIGSEGV);
  EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
  EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(0x4000));
}

// The causes of faults.h, each with its signal; then again in a child that
// blocks or ignores it, which does not help.
TEST_F(SignalFault, EachKind) {
  // Those that ruin the stack pointer need a stack for the handler.
  static char memory[65536];
  const stack_t stack{memory, 0, sizeof memory};
  sigaltstack(&stack, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) {
    handle(signal, leave, SA_ONSTACK);
  }
  for (const Fault& fault : kFaults) {
    EXPECT_TRUE(faults(fault.cause)) << fault.name;
    EXPECT_EQ(noted.signal, fault.signal) << fault.name;
    EXPECT_NE(noted.info.si_code, SI_USER) << fault.name;
    for (const bool ignored : {false, true}) {
      EXPECT_EQ(run_child([&] {
                  if (ignored) {
                    set_action(fault.signal, SIG_IGN);
                  } else {
                    block({fault.signal});
                  }
                  fault.cause();
                  return 0;
                }),
                -fault.signal)
          << fault.name << ignored;
    }
  }
  const stack_t none{nullptr, SS_DISABLE, 0};
  sigaltstack(&none, nullptr);
}

// A fault in the handler of that fault ends the process.
TEST_F(SignalFault, InItsOwnHandler) {
  EXPECT_EQ(run_child([] {
              handle(SIGSEGV,
                     [](int, siginfo_t*, void*) { store_byte(nullptr); });
              store_byte(nullptr);
              return 0;
            }),
            -SIGSEGV);
}

TEST_F(SignalFault, SentByKillIsNoFault) {
  handle(SIGSEGV, note);
  raise(SIGSEGV);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_code, SI_TKILL);
  // And can be blocked and ignored.
  block({SIGSEGV});
  raise(SIGSEGV);
  EXPECT_TRUE(is_pending(SIGSEGV));
  set_action(SIGSEGV, SIG_IGN);
  unblock({SIGSEGV});
}

// A return to the faulting instruction faults again.
TEST_F(SignalFault, IsTriedAgain) {
  static char* page;
  page = static_cast<char*>(
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  handle(SIGSEGV, [](int signal, siginfo_t* info, void*) {
    note(signal, info, nullptr);
    if (noted.count == 10) mprotect(page, 4096, PROT_READ);
  });
  EXPECT_EQ(load_byte(page), 0);
  EXPECT_EQ(noted.count, 10);
  munmap(page, 4096);
}

}  // namespace
}  // namespace tine::guest
