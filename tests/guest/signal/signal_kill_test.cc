// Whom kill reaches, who may, and what a signal does by default.
// feature-map: 94, 95, 104
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

struct Board {
  std::atomic<int> ready;
  std::atomic<int> got;
};

// A child in a group (0: one of its own) that counts SIGUSR1 and ends on
// SIGTERM.
pid_t start_member(Shared<Board>& board, pid_t group) {
  static Shared<Board>* shared;
  shared = &board;
  const pid_t child = start_child([group] {
    setpgid(0, group);
    handle(SIGUSR1, [](int, siginfo_t*, void*) { ++(*shared)->got; });
    ++(*shared)->ready;
    for (;;) pause();
    return 0;
  });
  setpgid(child, group);
  return child;
}

TEST(SignalKill, Group) {
  Shared<Board> board;
  const pid_t first = start_member(board, 0);
  const pid_t second = start_member(board, first);
  const pid_t other = start_member(board, 0);
  ASSERT_TRUE(wait_until([&] { return board->ready == 3; }));
  ASSERT_EQ(kill(-first, SIGUSR1), 0);
  ASSERT_TRUE(wait_until([&] { return board->got == 2; }));
  ASSERT_EQ(killpg(other, SIGUSR1), 0);
  ASSERT_TRUE(wait_until([&] { return board->got == 3; }));
  ASSERT_EQ(kill(-first, SIGTERM), 0);
  EXPECT_EQ(wait_for(first), -SIGTERM);
  EXPECT_EQ(wait_for(second), -SIGTERM);
  EXPECT_EQ(kill(-first, SIGTERM), -1);
  EXPECT_EQ(errno, ESRCH);
  ASSERT_EQ(kill(other, SIGTERM), 0);
  EXPECT_EQ(wait_for(other), -SIGTERM);
}

TEST(SignalKill, OwnGroup) {
  EXPECT_EQ(run_child([] {
              setpgid(0, 0);
              const pid_t child = start_child([] {
                pause();
                return 0;
              });
              handle(SIGTERM, note);
              CHILD_CHECK(kill(0, SIGTERM) == 0);
              CHILD_CHECK(noted.count == 1);
              return wait_for(child) == -SIGTERM ? 0 : 1;
            }),
            0);
}

TEST(SignalKill, Errors) {
  EXPECT_EQ(kill(getpid(), 65), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(kill(getpid(), -1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(kill(0x7fff'fff0, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(syscall(SYS_tkill, 0, SIGUSR1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_tgkill, getpid(), 0x7fff'fff0, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(syscall(SYS_tgkill, 1, getpid(), 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(kill(getpid(), 0), 0);
}

TEST(SignalKill, AZombieTakesSignals) {
  const pid_t child = start_child([] { return 3; });
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT),
            0);
  EXPECT_EQ(kill(child, 0), 0);
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), 3);
}

TEST(SignalKill, Permission) {
  const int may_change =
      run_child([] { return setresuid(1001, 1002, 1003) == 0 ? 0 : 1; });
  if (may_change != 0) GTEST_SKIP() << "needs root and its user ids";
  const pid_t target = start_child([] {
    pause();
    return 0;
  });
  EXPECT_EQ(run_child([target] {
              CHILD_CHECK(setresuid(1001, 1001, 1001) == 0);
              CHILD_CHECK(kill(target, SIGTERM) == -1 && errno == EPERM);
              CHILD_CHECK(kill(target, 0) == -1 && errno == EPERM);
              // SIGCONT within a session is allowed.
              CHILD_CHECK(kill(target, SIGCONT) == 0);
              CHILD_CHECK(kill(getpid(), 0) == 0);
              return 0;
            }),
            0);
  // The sender's real or effective id against the target's real or saved.
  Shared<Board> board;
  const pid_t changed = start_child([&board] {
    CHILD_CHECK(setresuid(1001, 1002, 1003) == 0);
    board->ready = 1;
    pause();
    return 0;
  });
  ASSERT_TRUE(wait_until([&] { return board->ready == 1; }));
  const auto try_as = [&](uid_t real, uid_t effective) {
    return run_child([=] {
      CHILD_CHECK(setresuid(real, effective, 2000) == 0);
      return kill(changed, 0) == 0 ? 1 : 0;
    });
  };
  EXPECT_EQ(try_as(1001, 3000), 1);
  EXPECT_EQ(try_as(3000, 1003), 1);
  EXPECT_EQ(try_as(3000, 1002), 0);
  EXPECT_EQ(try_as(1003, 3000), 1);
  kill(target, SIGKILL);
  kill(changed, SIGKILL);
  EXPECT_EQ(wait_for(target), -SIGKILL);
  EXPECT_EQ(wait_for(changed), -SIGKILL);
}

// The table of signal(7).
TEST(SignalKill, DefaultActions) {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (signal == 32 || signal == 33) continue;  // the C library's
    const pid_t child = start_child([signal] {
      setpgid(0, 0);  // a group that is not orphaned
      const rlimit none{0, 0};
      setrlimit(RLIMIT_CORE, &none);
      syscall(SYS_kill, getpid(), signal);
      return 1;
    });
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    switch (signal) {
      case SIGCHLD:
      case SIGCONT:
      case SIGURG:
      case SIGWINCH:
        EXPECT_TRUE(WIFEXITED(status)) << signal;
        break;
      case SIGSTOP:
      case SIGTSTP:
      case SIGTTIN:
      case SIGTTOU:
        EXPECT_TRUE(WIFSTOPPED(status)) << signal;
        kill(child, SIGKILL);
        EXPECT_EQ(wait_for(child), -SIGKILL);
        break;
      default:
        EXPECT_TRUE(WIFSIGNALED(status)) << signal;
        EXPECT_EQ(WTERMSIG(status), signal);
        EXPECT_FALSE(WCOREDUMP(status)) << signal;
    }
  }
}

TEST(SignalKill, IgnoredDoesNothing) {
  EXPECT_EQ(run_child([] {
              for (int signal = 1; signal < 32; ++signal) {
                if (signal == SIGKILL || signal == SIGSTOP) continue;
                set_action(signal, SIG_IGN);
                syscall(SYS_kill, getpid(), signal);
              }
              return 4;
            }),
            4);
}

// Row 104: the parent in vfork can be killed, and its child goes on.
TEST(SignalKill, ParentInVfork) {
  Shared<Board> board;
  const pid_t parent = start_child([&board] {
    const pid_t child = vfork();
    if (child == 0) {
      board->ready = 1;
      kill(getppid(), SIGKILL);
      for (int i = 0; i < 100 && getppid() != 1; ++i) sched_yield();
      board->got = 1;
      _exit(0);
    }
    board->got = 2;
    return 1;
  });
  EXPECT_EQ(wait_for(parent), -SIGKILL);
  EXPECT_TRUE(wait_until([&] { return board->got == 1; }));
}

// Other signals wait until vfork returns.
TEST(SignalKill, VforkIsNotInterrupted) {
  noted = {};
  handle(SIGUSR1, note);
  static volatile int seen_in_child;
  const pid_t child = vfork();
  if (child == 0) {
    kill(getppid(), SIGUSR1);
    seen_in_child = noted.count;
    _exit(0);
  }
  EXPECT_GT(child, 0);
  EXPECT_EQ(seen_in_child, 0);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(wait_for(child), 0);
  set_action(SIGUSR1, SIG_DFL);
}

}  // namespace
}  // namespace tine::guest
