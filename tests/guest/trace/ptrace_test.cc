// Tracing: stops and what waits tell of them, signals, registers and memory,
// calls, and children of the traced. feature-map: 9, 82, 93
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstring>

#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

TEST(Ptrace, ChildStopsAndGoesOn) {
  const pid_t child = start_traced([] { return 5; });
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 5);
}

TEST(Ptrace, TracerDecidesAboutSignals) {
  static volatile int handled = 0;
  const pid_t child = start_traced([] {
    (void)signal(SIGUSR1, [](int) { handled = handled + 1; });
    (void)signal(SIGUSR2, [](int) { handled = handled + 10; });
    CHILD_CHECK(raise(SIGUSR1) == 0);  // passed on
    CHILD_CHECK(raise(SIGUSR1) == 0);  // dropped
    CHILD_CHECK(raise(SIGUSR1) == 0);  // another in its place
    return handled;
  });
  EXPECT_EQ(go_on(child), 0);
  for (const int verdict : {SIGUSR1, 0, SIGUSR2}) {
    const int status = next_status(child);
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(WSTOPSIG(status), SIGUSR1);
    siginfo_t info{};
    EXPECT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
    EXPECT_EQ(info.si_signo, SIGUSR1);
    EXPECT_EQ(info.si_pid, child);
    EXPECT_EQ(go_on(child, verdict), 0);
  }
  EXPECT_EQ(wait_for(child), 11);
}

TEST(Ptrace, SignalsThatWouldKillOrBeIgnoredStop) {
  const pid_t child = start_traced([] {
    CHILD_CHECK(raise(SIGCHLD) == 0);  // ignored by default
    CHILD_CHECK(raise(SIGTERM) == 0);
    return 6;
  });
  EXPECT_EQ(go_on(child), 0);
  for (const int signal : {SIGCHLD, SIGTERM}) {
    const int status = next_status(child);
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(WSTOPSIG(status), signal);
    EXPECT_EQ(go_on(child, 0), 0);
  }
  EXPECT_EQ(wait_for(child), 6);

  const pid_t killed = start_traced([] { return 7; });
  EXPECT_EQ(go_on(killed, SIGTERM), 0);
  EXPECT_EQ(wait_for(killed), -SIGTERM);
}

TEST(Ptrace, MemoryIsReadAndWritten) {
  static long word = 0x1122'3344'5566'7788;
  static const long constant = 0x0102'0304'0506'0708;
  const pid_t child = start_traced([] {
    return word == 99 && *const_cast<const volatile long*>(&constant) == 77 ? 0
                                                                            : 1;
  });
  errno = 0;
  EXPECT_EQ(ptrace(PTRACE_PEEKDATA, child, &word, nullptr), word);
  EXPECT_EQ(errno, 0);
  EXPECT_EQ(ptrace(PTRACE_PEEKTEXT, child, &constant, nullptr), constant);
  EXPECT_EQ(ptrace(PTRACE_POKEDATA, child, &word, number(99)), 0);
  // Also where the program itself may not write.
  EXPECT_EQ(ptrace(PTRACE_POKETEXT, child, &constant, number(77)), 0);
  EXPECT_EQ(word, 0x1122'3344'5566'7788);
  errno = 0;
  EXPECT_EQ(ptrace(PTRACE_PEEKDATA, child, number(16), nullptr), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Ptrace, RegistersAreReadAndWritten) {
  const pid_t child = start_traced([] { return 3; });
  user_regs_struct registers{};
  iovec vector{&registers, sizeof(registers)};
  ASSERT_EQ(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &vector), 0);
  EXPECT_EQ(vector.iov_len, sizeof(registers));
  user_regs_struct again{};
  EXPECT_EQ(ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &vector), 0);
  iovec second{&again, sizeof(again)};
  EXPECT_EQ(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &second), 0);
  EXPECT_EQ(std::memcmp(&registers, &again, sizeof(registers)), 0);
  // Less room gets less.
  iovec half{&again, 64};
  EXPECT_EQ(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &half), 0);
  EXPECT_EQ(half.iov_len, 64u);
  EXPECT_EQ(ptrace(PTRACE_GETREGSET, child, 0x7777, &vector), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 3);
}

TEST(Ptrace, CallsStopBeforeAndAfter) {
  const pid_t child = start_traced([] {
    (void)syscall(SYS_getppid);
    return 4;
  });
  ASSERT_EQ(
      ptrace(PTRACE_SETOPTIONS, child, nullptr, number(PTRACE_O_TRACESYSGOOD)),
      0);
  int stops = 0;
  for (;;) {
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    const int status = next_status(child);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 4);
      break;
    }
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    ASSERT_EQ(WSTOPSIG(status), SIGTRAP | 0x80);
    ++stops;
  }
  // raise()'s last calls, getppid, exit_group: each but the last stops twice.
  EXPECT_GE(stops, 3);
  EXPECT_EQ(stops % 2, 1) << stops;
}

TEST(Ptrace, ForkIsAnEventAndTheChildIsTraced) {
  const pid_t child = start_traced([] {
    const pid_t grandchild = fork();
    if (grandchild == 0) _exit(8);
    return wait_for(grandchild);
  });
  ASSERT_EQ(
      ptrace(PTRACE_SETOPTIONS, child, nullptr, number(PTRACE_O_TRACEFORK)), 0);
  ASSERT_EQ(go_on(child), 0);
  const int status = next_status(child);
  ASSERT_TRUE(WIFSTOPPED(status)) << status;
  EXPECT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8);
  unsigned long message = 0;
  ASSERT_EQ(ptrace(PTRACE_GETEVENTMSG, child, nullptr, &message), 0);
  const auto grandchild = static_cast<pid_t>(message);
  EXPECT_GT(grandchild, child);
  // It begins by standing still.
  const int first = next_status(grandchild);
  ASSERT_TRUE(WIFSTOPPED(first)) << first;
  EXPECT_EQ(WSTOPSIG(first), SIGSTOP);
  EXPECT_EQ(go_on(grandchild), 0);
  EXPECT_EQ(go_on(child), 0);
  // Both are waited for, in whatever order they end.
  for (;;) {
    int end = 0;
    const pid_t which = waitpid(-1, &end, __WALL);
    ASSERT_GT(which, 0);
    if (WIFSTOPPED(end)) {
      EXPECT_EQ(WSTOPSIG(end), SIGCHLD);
      EXPECT_EQ(go_on(which, SIGCHLD), 0);
      continue;
    }
    EXPECT_EQ(end_of(end), 8);
    if (which == child) break;
  }
}

TEST(Ptrace, OthersThanForkSayWhatTheyAre) {
  const pid_t child = start_traced([] {
    const pid_t grandchild = vfork();
    if (grandchild == 0) _exit(0);
    return grandchild > 0 ? 0 : 1;
  });
  ASSERT_EQ(ptrace(PTRACE_SETOPTIONS, child, nullptr,
                   number(PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE)),
            0);
  ASSERT_EQ(go_on(child), 0);
  const int status = next_status(child);
  ASSERT_TRUE(WIFSTOPPED(status)) << status;
  EXPECT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_VFORK << 8);
  unsigned long message = 0;
  ASSERT_EQ(ptrace(PTRACE_GETEVENTMSG, child, nullptr, &message), 0);
  const auto grandchild = static_cast<pid_t>(message);
  const int first = next_status(grandchild);
  ASSERT_TRUE(WIFSTOPPED(first)) << first;
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(ptrace(PTRACE_DETACH, grandchild, nullptr, nullptr), 0);
  bool done = false;
  for (;;) {
    const int end = next_status(child);
    if (!WIFSTOPPED(end)) {
      EXPECT_EQ(end_of(end), 0);
      break;
    }
    if (end >> 8 == (SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8)) done = true;
    EXPECT_EQ(go_on(child), 0);
  }
  EXPECT_TRUE(done);
}

TEST(Ptrace, UntracedChildrenRunFree) {
  const pid_t child = start_traced([] {
    const long grandchild = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD,
                                    nullptr, nullptr, nullptr, 0);
    if (grandchild == 0) _exit(9);
    return wait_for(static_cast<pid_t>(grandchild));
  });
  ASSERT_EQ(
      ptrace(PTRACE_SETOPTIONS, child, nullptr, number(PTRACE_O_TRACEFORK)), 0);
  ASSERT_EQ(go_on(child), 0);
  for (;;) {
    const int end = next_status(child);
    if (WIFSTOPPED(end)) {
      EXPECT_EQ(WSTOPSIG(end), SIGCHLD);
      EXPECT_EQ(go_on(child), 0);
      continue;
    }
    EXPECT_EQ(end_of(end), 9);
    break;
  }
}

TEST(Ptrace, StrangersAttachAndLeave) {
  const pid_t child = start_child([] {
    for (;;) pause();
    return 0;
  });
  ASSERT_EQ(ptrace(PTRACE_ATTACH, child, nullptr, nullptr), 0);
  int status = next_status(child);
  ASSERT_TRUE(WIFSTOPPED(status)) << status;
  EXPECT_EQ(WSTOPSIG(status), SIGSTOP);
  EXPECT_EQ(ptrace(PTRACE_ATTACH, child, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(ptrace(PTRACE_CONT, child, nullptr, nullptr), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(kill(child, SIGTERM), 0);
  EXPECT_EQ(wait_for(child), -SIGTERM);

  const pid_t seized = start_child([] {
    for (;;) pause();
    return 0;
  });
  ASSERT_EQ(ptrace(PTRACE_SEIZE, seized, nullptr, nullptr), 0);
  EXPECT_EQ(ptrace(PTRACE_CONT, seized, nullptr, nullptr), -1) << "it runs";
  EXPECT_EQ(errno, ESRCH);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, seized, nullptr, nullptr), 0);
  status = next_status(seized);
  EXPECT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_STOP << 8);
  EXPECT_EQ(go_on(seized), 0);
  EXPECT_EQ(ptrace(PTRACE_KILL, seized, nullptr, nullptr), 0);
  EXPECT_EQ(kill(seized, SIGKILL), 0);
  EXPECT_EQ(wait_for(seized), -SIGKILL);
}

TEST(Ptrace, ExecStops) {
  const pid_t child = start_traced([] {
    char name[] = "/proc/self/exe";
    char filter[] = "--gtest_list_tests";
    char* const words[] = {name, filter, nullptr};
    (void)close(STDOUT_FILENO);
    execv("/proc/self/exe", words);
    return 1;
  });
  ASSERT_EQ(go_on(child), 0);
  const int status = next_status(child);
  ASSERT_TRUE(WIFSTOPPED(status)) << status;
  EXPECT_EQ(WSTOPSIG(status), SIGTRAP);
  EXPECT_EQ(ptrace(PTRACE_KILL, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(Ptrace, BadRequests) {
  const auto fails = [](long result, int with) {
    return result == -1 && errno == with;
  };
  EXPECT_TRUE(fails(ptrace(PTRACE_CONT, getpid(), nullptr, nullptr), ESRCH));
  EXPECT_TRUE(fails(ptrace(PTRACE_ATTACH, getpid(), nullptr, nullptr), EPERM));
  EXPECT_TRUE(fails(ptrace(PTRACE_ATTACH, 4'000'000, nullptr, nullptr), ESRCH));
  const pid_t child = start_traced([] { return 0; });
  EXPECT_TRUE(fails(ptrace(PTRACE_CONT, child, nullptr, number(100)), EIO));
  EXPECT_TRUE(
      fails(ptrace(PTRACE_SETOPTIONS, child, nullptr, number(0x8000)), EINVAL));
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
