// What a signal handler is told of a fault: which signal, why, and where.
// feature-map: 24
#include <fcntl.h>
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

sigjmp_buf resume;
volatile sig_atomic_t signal_seen;
volatile sig_atomic_t code_seen;
void* volatile address_seen;

void on_fault(int signal, siginfo_t* info, void*) {
  signal_seen = signal;
  code_seen = info->si_code;
  address_seen = info->si_addr;
  siglongjmp(resume, 1);
}

class MemoryFault : public testing::Test {
 protected:
  void SetUp() override {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    ASSERT_EQ(sigaction(SIGSEGV, &action, &old_segv_), 0);
    ASSERT_EQ(sigaction(SIGBUS, &action, &old_bus_), 0);
  }
  void TearDown() override {
    sigaction(SIGSEGV, &old_segv_, nullptr);
    sigaction(SIGBUS, &old_bus_, nullptr);
  }

  char* map(size_t pages, int prot, int fd = -1) {
    return static_cast<char*>(mmap(nullptr, pages * kPage, prot,
                                   MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0),
                                   fd, 0));
  }

  // The access faults so.
  template <typename Access>
  void expect_fault(int signal, int code, const volatile char* at,
                    Access access) {
    signal_seen = 0;
    if (sigsetjmp(resume, 1) == 0) {
      access();
      FAIL() << "no fault";
    }
    EXPECT_EQ(signal_seen, signal);
    EXPECT_EQ(code_seen, code);
    EXPECT_EQ(address_seen, const_cast<char*>(at));
  }
  void expect_load_faults(int signal, int code, const volatile char* at) {
    expect_fault(signal, code, at, [at] { (void)*at; });
  }
  void expect_store_faults(int signal, int code, volatile char* at) {
    expect_fault(signal, code, at, [at] { *at = 1; });
  }

 private:
  struct sigaction old_segv_;
  struct sigaction old_bus_;
};

TEST_F(MemoryFault, WhereNothingIsMapped) {
  char* const at = map(2, kReadWrite);
  ASSERT_EQ(munmap(at, 2 * kPage), 0);
  expect_load_faults(SIGSEGV, SEGV_MAPERR, at + 17);
  expect_store_faults(SIGSEGV, SEGV_MAPERR, at + kPage + 3);
  expect_load_faults(SIGSEGV, SEGV_MAPERR, reinterpret_cast<char*>(8));
}

TEST_F(MemoryFault, WhereTheRightIsMissing) {
  char* const at = map(3, PROT_READ);
  expect_store_faults(SIGSEGV, SEGV_ACCERR, at + 100);
  EXPECT_EQ(at[100], 0);
  expect_store_faults(SIGSEGV, SEGV_ACCERR, at + 100);
  ASSERT_EQ(mprotect(at + kPage, kPage, PROT_NONE), 0);
  expect_load_faults(SIGSEGV, SEGV_ACCERR, at + kPage + 5);
  expect_store_faults(SIGSEGV, SEGV_ACCERR, at + kPage + 6);
  ASSERT_EQ(mprotect(at, 3 * kPage, kReadWrite), 0);
  at[100] = at[kPage + 5] = 1;
  expect_fault(SIGSEGV, SEGV_ACCERR, at + 2 * kPage,
               [at] { reinterpret_cast<void (*)()>(at + 2 * kPage)(); });
}

TEST_F(MemoryFault, BeyondTheEndOfAFile) {
  const int file = open("/proc/self/exe", O_RDONLY);
  ASSERT_GE(file, 0);
  const off_t bytes = lseek(file, 0, SEEK_END);
  const size_t pages = (static_cast<size_t>(bytes) + kPage - 1) / kPage;
  char* const at = map(pages + 2, kReadWrite, file);
  ASSERT_NE(static_cast<void*>(at), MAP_FAILED);
  close(file);
  EXPECT_EQ(at[pages * kPage - 1], 0);
  expect_load_faults(SIGBUS, BUS_ADRERR, at + pages * kPage);
  expect_store_faults(SIGBUS, BUS_ADRERR, at + pages * kPage + kPage + 9);
}

TEST_F(MemoryFault, BelowAStackThatMayNotGrow) {
  stack_t alternate = {};
  alternate.ss_sp = map(16, kReadWrite);
  alternate.ss_size = 16 * kPage;
  ASSERT_EQ(sigaltstack(&alternate, nullptr), 0);
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
  char* const here = static_cast<char*>(__builtin_frame_address(0));
  char* const low = here - (limit.rlim_cur + (64 << 20));
  expect_store_faults(SIGSEGV, SEGV_MAPERR, low);
}

// A handler that mends what is wrong lets the access happen after all.
TEST_F(MemoryFault, AHandlerCanMendIt) {
  static char* mended;
  struct sigaction action = {};
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    signal_seen = signal_seen + 1;
    if (mprotect(mended, kPage, kReadWrite) != 0) _exit(1);
    if (info->si_addr != mended + 40) _exit(2);
  };
  action.sa_flags = SA_SIGINFO;
  ASSERT_EQ(sigaction(SIGSEGV, &action, nullptr), 0);
  mended = map(1, PROT_NONE);
  signal_seen = 0;
  *static_cast<volatile char*>(mended + 40) = 6;
  EXPECT_EQ(mended[40], 6);
  EXPECT_EQ(signal_seen, 1);
}

}  // namespace
}  // namespace tine::guest
