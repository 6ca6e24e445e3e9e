// Random system calls with random arguments: they may end the program that
// makes them, and nothing else.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <iterator>
#include <random>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr int kChildren = 100;
constexpr int kCalls = 200;

uint8_t memory[1 << 16];

// Calls that wait, make processes, or end some other than the caller.
constexpr long kLeftOut[] = {
    SYS_clone,         SYS_clone3,
    SYS_execve,        SYS_execveat,
    SYS_exit,          SYS_exit_group,
    SYS_futex,         SYS_kill,
    SYS_nanosleep,     SYS_clock_nanosleep,
    SYS_ppoll,         SYS_pselect6,
    SYS_reboot,        SYS_rt_sigqueueinfo,
    SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
    SYS_rt_sigreturn,  SYS_rt_tgsigqueueinfo,
    SYS_tgkill,        SYS_tkill,
    SYS_vhangup,       SYS_wait4,
    SYS_waitid,        SYS_setpriority,
};

template <typename Numbers>
bool is_among(const Numbers& numbers, long call) {
  return std::find(std::begin(numbers), std::end(numbers), call) !=
         std::end(numbers);
}

class Fuzzer {
 public:
  explicit Fuzzer(int seed) : random_(static_cast<unsigned>(seed)) {}

  // Numbers of calls that there are, of ones that there are not, and no
  // numbers of calls at all.
  long number() {
    for (;;) {
      const long call = below(10) == 0 ? static_cast<long>(random_())
                                       : static_cast<long>(below(460));
      if (!is_among(kLeftOut, call) && !is_among(kOldWaitingNumbers, call)) {
        return call;
      }
    }
  }

  long argument() {
    const auto buffer = reinterpret_cast<uint64_t>(memory);
    switch (below(12)) {
      case 0:
        return static_cast<long>(below(8));
      case 1:
        return -static_cast<long>(below(4096));
      case 2:
        return static_cast<long>(buffer + below(sizeof(memory)));
      case 3:
        return static_cast<long>(random_());
      case 4:
        return static_cast<long>(0xffff'8000'0000'0000 + below(4096));
      case 5:
        return static_cast<long>(0x7fff'ffff'e000 + below(0x3000));
      case 6:
        return static_cast<long>(uint64_t{1} << below(64));
      case 7:
        return static_cast<long>((uint64_t{1} << below(64)) - 1);
      case 8:
        return static_cast<long>(below(1 << 20) << 12);
      case 9:
        return static_cast<long>(buffer & ~uint64_t{4095});
      case 10:
        return static_cast<long>(below(65536));
      default:
        return static_cast<long>(random_() & 0xffff'ffff);
    }
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }
  std::mt19937_64 random_;
};

TEST(SyscallFuzz, OnlyTheCallerCanBeHurt) {
  for (int seed = 0; seed < kChildren; ++seed) {
    const int end = run_child([seed] {
      Fuzzer fuzz(seed);
      // What it may wait for or write to.
      const int null = open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
      alarm(2);  // in case it does wait
      for (int i = 0; i < kCalls; ++i) {
        const long number = fuzz.number();
        long arguments[6];
        for (long& argument : arguments) argument = fuzz.argument();
        raw_syscall(number, arguments[0], arguments[1], arguments[2],
                    arguments[3], arguments[4], arguments[5]);
      }
      raw_syscall(SYS_exit_group, 0);
      return 0;
    });
    EXPECT_TRUE(end == 0 || end == -SIGSEGV || end == -SIGBUS ||
                end == -SIGILL || end == -SIGALRM || end == -SIGKILL)
        << "seed " << seed << " ended with " << end;
  }
  EXPECT_EQ(run_child([] { return 7; }), 7);
}

}  // namespace
}  // namespace tine::guest
