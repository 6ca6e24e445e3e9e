// Filters of system calls: what programs Linux takes, what each answer does,
// and who inherits them. feature-map: 91
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

using Program = std::vector<sock_filter>;

constexpr uint32_t kNumber = offsetof(seccomp_data, nr);

unsigned audit_arch() {
  utsname name{};
  (void)uname(&name);
  return std::string_view(name.machine) == "x86_64" ? AUDIT_ARCH_X86_64
                                                    : AUDIT_ARCH_AARCH64;
}

int seccomp(unsigned operation, unsigned flags, void* arguments) {
  return static_cast<int>(syscall(SYS_seccomp, operation, flags, arguments));
}

int install(const Program& program, unsigned flags = 0) {
  sock_fprog words{static_cast<unsigned short>(program.size()),
                   const_cast<sock_filter*>(program.data())};
  return seccomp(SECCOMP_SET_MODE_FILTER, flags, &words);
}

// `answer` for one system call, allow for all others.
Program on_call(long number, uint32_t answer) {
  return {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
}

bool lock_down() { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

// Runs it in a child that may have filters; its exit status.
template <typename F>
int in_child(F body) {
  const pid_t child = start_child([&] {
    if (!lock_down()) return 99;
    return body();
  });
  return wait_for(child);
}

constexpr uint32_t kErrno = SECCOMP_RET_ERRNO | 77;

TEST(Seccomp, ErrnoIsAnsweredAndTheRestGoesOn) {
  EXPECT_EQ(in_child([] {
              if (install(on_call(SYS_getpriority, kErrno)) != 0) return 1;
              errno = 0;
              if (syscall(SYS_getpriority, 0, 0) != -1 || errno != 77) return 2;
              if (getppid() <= 0) return 3;
              // Calls of other servers go on, too.
              void* const more = sbrk(4096);
              if (more == reinterpret_cast<void*>(-1)) return 4;
              char byte = 0;
              const int fd = open("/dev/null", O_RDWR);
              if (fd < 0 || write(fd, &byte, 1) != 1) return 5;
              return prctl(PR_GET_SECCOMP) == 2 ? 0 : 6;
            }),
            0);
}

// /proc/PID/status, of the children as well.
TEST(Seccomp, IsShown) {
  const auto shown = [] {
    std::ifstream file("/proc/self/status");
    std::string key;
    int mode = -1;
    while (file >> key) {
      if (key == "Seccomp:") file >> mode;
    }
    return mode;
  };
  EXPECT_EQ(shown(), prctl(PR_GET_SECCOMP));
  EXPECT_EQ(in_child([&] {
              if (install(on_call(SYS_getpriority, kErrno)) != 0) return 1;
              if (shown() != 2) return 2;
              return run_child([&] { return shown() == 2 ? 0 : 3; });
            }),
            0);
}

TEST(Seccomp, NumbersAreCutToLinuxsLargest) {
  EXPECT_EQ(in_child([] {
              if (install(on_call(SYS_getpriority,
                                  SECCOMP_RET_ERRNO | 0xffff)) != 0) {
                return 1;
              }
              errno = 0;
              (void)syscall(SYS_getpriority, 0, 0);
              return errno == 4095 ? 0 : 2;
            }),
            0);
}

TEST(Seccomp, FilesOfOtherServersAreFilteredToo) {
  EXPECT_EQ(
      in_child([] {
        if (install(on_call(SYS_openat, kErrno)) != 0) return 1;
        if (install(on_call(SYS_madvise, SECCOMP_RET_ERRNO | 5)) != 0) {
          return 2;
        }
        errno = 0;
        if (syscall(SYS_openat, -100, "/dev/null", 0) != -1 || errno != 77) {
          return 3;
        }
        errno = 0;
        return syscall(SYS_madvise, 0, 0, 0) == -1 && errno == 5 ? 0 : 4;
      }),
      0);
}

TEST(Seccomp, KillEndsTheProcessWithSigsys) {
  for (const uint32_t answer :
       {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD}) {
    const pid_t child = start_child([&] {
      if (!lock_down() || install(on_call(SYS_getpriority, answer)) != 0) {
        return 1;
      }
      (void)syscall(SYS_getpriority, 0, 0);
      return 2;
    });
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), SIGSYS);
  }
}

int trapped_code = 0;
int trapped_number = 0;
unsigned trapped_arch = 0;
int trapped_errno = 0;

TEST(Seccomp, TrapTellsWhatWasCalled) {
  EXPECT_EQ(
      in_child([] {
        struct sigaction action{};
        action.sa_flags = SA_SIGINFO;
        action.sa_sigaction = [](int, siginfo_t* info, void*) {
          trapped_code = info->si_code;
          trapped_number = info->si_syscall;
          trapped_arch = info->si_arch;
          trapped_errno = info->si_errno;
        };
        if (sigaction(SIGSYS, &action, nullptr) != 0) return 1;
        if (install(on_call(SYS_getpriority, SECCOMP_RET_TRAP | 9)) != 0) {
          return 2;
        }
        (void)syscall(SYS_getpriority, 0, 0);
        if (trapped_code != 1 || trapped_errno != 9) return 3;
        if (trapped_number != SYS_getpriority) return 4;
        return trapped_arch == audit_arch() ? 0 : 5;
      }),
      0);
}

TEST(Seccomp, NobodyTracesOrListens) {
  EXPECT_EQ(
      in_child([] {
        if (install(on_call(SYS_getpriority, SECCOMP_RET_TRACE)) != 0) {
          return 1;
        }
        errno = 0;
        return syscall(SYS_getpriority, 0, 0) == -1 && errno == ENOSYS ? 0 : 2;
      }),
      0);
}

TEST(Seccomp, MostSevereAnswerWins) {
  EXPECT_EQ(
      in_child([] {
        if (install(on_call(SYS_getpriority, SECCOMP_RET_ERRNO | 1)) != 0 ||
            install(on_call(SYS_getpriority, SECCOMP_RET_LOG)) != 0 ||
            install(on_call(SYS_getpriority, SECCOMP_RET_ERRNO | 3)) != 0 ||
            install(on_call(SYS_getpriority, SECCOMP_RET_ALLOW)) != 0) {
          return 1;
        }
        errno = 0;
        (void)syscall(SYS_getpriority, 0, 0);
        return errno == 3 ? 0 : 2;  // of equal ones the newest
      }),
      0);
}

// Adds up what it can look at, with every kind of instruction.
TEST(Seccomp, ProgramsCalculate) {
  const Program program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_STMT(BPF_ST, 3),
      BPF_STMT(BPF_LDX | BPF_IMM, 5),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 6),
      BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 3),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_MEM, 3),
      BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_NEG, 0),
      BPF_STMT(BPF_STX, 0),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
      BPF_STMT(BPF_RET | BPF_A, 0)};
  EXPECT_EQ(in_child([&] {
              if (install(program) != 0) return 1;
              const unsigned n = 7;
              unsigned x = (((n + 5) * 6 / 5) ^ 3) << 2 >> 1;
              errno = 0;
              (void)syscall(SYS_getpriority, n, 0);
              return errno == static_cast<int>((x - n) & 0xff) ? 0 : 2;
            }),
            0);
}

TEST(Seccomp, JumpsCompare) {
  const auto answer_to = [](uint16_t comparison, uint32_t k, unsigned value) {
    const Program program = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
        BPF_JUMP(static_cast<uint16_t>(BPF_JMP | comparison | BPF_K), k, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 10),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 20),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 30)};
    return in_child([&] {
      if (install(program) != 0) return 1;
      errno = 0;
      (void)syscall(SYS_getpriority, 0, value);
      return errno;
    });
  };
  EXPECT_EQ(answer_to(BPF_JEQ, 4, 4), 30);
  EXPECT_EQ(answer_to(BPF_JEQ, 4, 5), 10);
  EXPECT_EQ(answer_to(BPF_JGT, 4, 4), 10);
  EXPECT_EQ(answer_to(BPF_JGT, 4, 0x8000'0000), 30);
  EXPECT_EQ(answer_to(BPF_JGE, 4, 4), 30);
  EXPECT_EQ(answer_to(BPF_JSET, 6, 2), 30);
  EXPECT_EQ(answer_to(BPF_JSET, 6, 1), 10);
}

TEST(Seccomp, DividingByZeroKills) {
  const pid_t child = start_child([] {
    if (!lock_down()) return 1;
    const Program program = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LDX | BPF_IMM, 0),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    if (install(program) != 0) return 2;
    (void)syscall(SYS_getpriority, 0, 0);
    return 3;
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGSYS);
}

TEST(Seccomp, BadProgramsAreRefused) {
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const std::vector<Program> bad = {
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)},           // no end
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 1), allow},    // not aligned
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), allow},   // beyond
      {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), allow},    // not a word
      {BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), allow},    // by X
      {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), allow},   // by zero
      {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), allow},   // no such thing
      {BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), allow},  // too far
      {BPF_STMT(BPF_LD | BPF_MEM, 16), allow},           // no such word
      {BPF_STMT(BPF_LD | BPF_MEM, 2), allow},            // never stored
      {BPF_STMT(BPF_JMP | BPF_JA, 1), allow},            // out of it
      {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), allow},
      {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 1),
       BPF_STMT(BPF_LD | BPF_MEM, 1), allow},  // stored on one way only
      {BPF_STMT(0xffff, 0), allow},
      {},
  };
  EXPECT_EQ(in_child([&] {
              for (size_t i = 0; i < bad.size(); ++i) {
                errno = 0;
                if (install(bad[i]) != -1 || errno != EINVAL) {
                  return static_cast<int>(i) + 1;
                }
              }
              // The longest there is, then one more.
              Program longest(BPF_MAXINSNS, allow);
              if (install(longest) != 0) return 50;
              longest.push_back(allow);
              errno = 0;
              return install(longest) == -1 && errno == EINVAL ? 0 : 51;
            }),
            0);
}

TEST(Seccomp, BadArgumentsAreRefused) {
  EXPECT_EQ(
      in_child([] {
        const auto fails = [](int result, int with) {
          return result == -1 && errno == with;
        };
        if (!fails(seccomp(77, 0, nullptr), EINVAL)) return 1;
        if (!fails(seccomp(SECCOMP_SET_MODE_STRICT, 1, nullptr), EINVAL)) {
          return 2;
        }
        if (!fails(seccomp(SECCOMP_SET_MODE_FILTER, 0x800, nullptr), EINVAL)) {
          return 3;
        }
        if (!fails(seccomp(SECCOMP_SET_MODE_FILTER, 0,
                           reinterpret_cast<void*>(16)),
                   EFAULT)) {
          return 4;
        }
        sock_fprog words{3, reinterpret_cast<sock_filter*>(16)};
        if (!fails(seccomp(SECCOMP_SET_MODE_FILTER, 0, &words), EFAULT)) {
          return 5;
        }
        uint32_t action = SECCOMP_RET_TRAP;
        if (seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return 6;
        action = 0x1234'0000;
        if (!fails(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP)) {
          return 7;
        }
        if (!fails(prctl(PR_SET_SECCOMP, 5, 0), EINVAL)) return 8;
        return prctl(PR_GET_SECCOMP) == 0 ? 0 : 9;
      }),
      0);
}

TEST(Seccomp, NeedsThePromiseOfNoNewRights) {
  const pid_t child = start_child([] {
    if (!become_a_user()) return kNoOtherUser;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0) return 77;  // set before
    errno = 0;
    if (install(on_call(SYS_getpriority, kErrno)) != -1 || errno != EACCES) {
      return 2;
    }
    if (!lock_down()) return 3;
    return install(on_call(SYS_getpriority, kErrno));
  });
  const int status = wait_for(child);
  if (status == 77) GTEST_SKIP() << "this system has promised it for all";
  if (status == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(status, 0);
}

TEST(Seccomp, ForkAndThreadsInherit) {
  EXPECT_EQ(in_child([] {
              if (install(on_call(SYS_getpriority, kErrno)) != 0) return 1;
              const auto is_filtered = [] {
                errno = 0;
                return syscall(SYS_getpriority, 0, 0) == -1 && errno == 77;
              };
              const pid_t child = fork();
              if (child == 0) _exit(is_filtered() ? 0 : 1);
              int status = 0;
              if (waitpid(child, &status, 0) != child || status != 0) return 2;
              bool thread_is = false;
              std::thread([&] { thread_is = is_filtered(); }).join();
              return thread_is ? 0 : 3;
            }),
            0);
}

TEST(Seccomp, OneThreadOrAllOfThem) {
  for (const bool all : {false, true}) {
    EXPECT_EQ(
        in_child([&] {
          std::atomic<int> step = 0;
          bool is_filtered = false;
          std::thread other([&] {
            while (step == 0) sched_yield();
            errno = 0;
            is_filtered = syscall(SYS_getpriority, 0, 0) == -1 && errno == 77;
          });
          const int result = install(on_call(SYS_getpriority, kErrno),
                                     all ? SECCOMP_FILTER_FLAG_TSYNC : 0u);
          step = 1;
          other.join();
          if (result != 0) return 1;
          return is_filtered == all ? 0 : 2;
        }),
        0)
        << all;
  }
}

TEST(Seccomp, KillThreadKillsThatOneOnly) {
  EXPECT_EQ(
      in_child([] {
        std::atomic<bool> before = false;
        std::atomic<bool> after = false;
        if (install(on_call(SYS_getpriority, SECCOMP_RET_KILL_THREAD)) != 0) {
          return 1;
        }
        std::thread other([&] {
          before = true;
          (void)syscall(SYS_getpriority, 0, 0);
          after = true;
        });
        other.join();  // the kernel clears and wakes its tid
        return before && !after ? 0 : 2;
      }),
      0);
}

TEST(Seccomp, StrictModeLeavesFourCalls) {
  const pid_t child = start_child([] {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) return 1;
    const char byte = 'x';
    if (write(1, &byte, 0) != 0) syscall(SYS_exit, 2);
    syscall(SYS_exit, 7);
    return 3;
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 7);

  const pid_t killed = start_child([] {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) return 1;
    (void)getppid();
    syscall(SYS_exit, 2);
    return 3;
  });
  ASSERT_EQ(waitpid(killed, &status, 0), killed);
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(Seccomp, FilterSeesWhereTheCallIs) {
  // The instruction's place is not zero, and in the lower half of all memory.
  const Program program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
               offsetof(seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
      BPF_STMT(BPF_RET | BPF_A, 0)};
  EXPECT_EQ(in_child([&] {
              if (install(program) != 0) return 1;
              errno = 0;
              (void)syscall(SYS_getpriority, 0, 0);
              return errno == static_cast<int>(audit_arch() & 0xff) ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
