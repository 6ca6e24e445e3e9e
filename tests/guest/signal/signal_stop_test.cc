// Stopping and continuing, and how parents hear of it.
// feature-map: 85, 94
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

struct Board {
  std::atomic<long> turns;
  std::atomic<int> flag;
};

// A child in a group of its own, which is not orphaned: this process is in its
// session. (Whether this process's own group is depends on who started it.)
template <typename Body>
pid_t start_job(Body&& body) {
  const pid_t child = start_child([&] {
    setpgid(0, 0);
    return body();
  });
  setpgid(child, child);
  return child;
}

// Counts for ever.
pid_t start_counter(Shared<Board>& board) {
  return start_job([&board] {
    for (;;) ++board->turns;
    return 0;
  });
}

TEST(SignalStop, RunningProcess) {
  Shared<Board> board;
  const pid_t child = start_counter(board);
  ASSERT_TRUE(wait_until([&] { return board->turns > 1000; }));
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(kill(child, SIGSTOP), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status));
    ASSERT_EQ(WSTOPSIG(status), SIGSTOP);
    const long then = board->turns;
    sleep_ms(5);
    ASSERT_EQ(board->turns, then);
    // It is reported once.
    ASSERT_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
    ASSERT_EQ(kill(child, SIGCONT), 0);
    ASSERT_EQ(waitpid(child, &status, WCONTINUED), child);
    ASSERT_TRUE(WIFCONTINUED(status));
    ASSERT_TRUE(wait_until([&] { return board->turns > then; }));
  }
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(SignalStop, WaitingProcess) {
  const pid_t child = start_job([] {
    sleep_ms(60);
    return 8;
  });
  sleep_ms(10);
  kill(child, SIGSTOP);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  // Its time passes while it is stopped, and it does not go on.
  sleep_ms(100);
  ASSERT_EQ(waitpid(child, &status, WNOHANG), 0);
  kill(child, SIGCONT);
  EXPECT_EQ(wait_for(child), 8);
}

TEST(SignalStop, EachStopSignal) {
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP}) {
    const pid_t child = start_job([signal] {
      raise(signal);
      return 5;
    });
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status)) << signal;
    EXPECT_EQ(WSTOPSIG(status), signal);
    kill(child, SIGCONT);
    EXPECT_EQ(wait_for(child), 5);
  }
}

TEST(SignalStop, ByWaitid) {
  Shared<Board> board;
  const pid_t child = start_job([&board] {
    raise(SIGTSTP);
    // That it goes on is to be told before it ends.
    return wait_until([&] { return board->flag == 1; }) ? 5 : 6;
  });
  siginfo_t info{};
  const id_t id = static_cast<id_t>(child);
  ASSERT_EQ(waitid(P_PID, id, &info, WSTOPPED | WNOWAIT), 0);
  ASSERT_EQ(waitid(P_PID, id, &info, WSTOPPED), 0);
  EXPECT_EQ(info.si_signo, SIGCHLD);
  EXPECT_EQ(info.si_code, CLD_STOPPED);
  EXPECT_EQ(info.si_status, SIGTSTP);
  EXPECT_EQ(info.si_pid, child);
  info.si_pid = 1;
  ASSERT_EQ(waitid(P_PID, id, &info, WSTOPPED | WNOHANG), 0);
  EXPECT_EQ(info.si_pid, 0);
  kill(child, SIGCONT);
  ASSERT_EQ(waitid(P_PID, id, &info, WCONTINUED), 0);
  EXPECT_EQ(info.si_code, CLD_CONTINUED);
  EXPECT_EQ(info.si_status, SIGCONT);
  board->flag = 1;
  EXPECT_EQ(wait_for(child), 5);
}

TEST(SignalStop, KillEndsAStoppedProcess) {
  const pid_t child = start_job([] {
    raise(SIGSTOP);
    return 5;
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  // Others wait until it goes on.
  kill(child, SIGTERM);
  sleep_ms(10);
  EXPECT_EQ(waitpid(child, &status, WNOHANG), 0);
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(SignalStop, OthersWaitForContinue) {
  const pid_t child = start_job([] {
    raise(SIGSTOP);
    return 5;
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  kill(child, SIGTERM);
  kill(child, SIGCONT);
  EXPECT_EQ(wait_for(child), -SIGTERM);
}

// SIGCONT takes stop signals away, and they take it away.
TEST(SignalStop, PendingStopAndContinueExclude) {
  const sigset_t old = block({SIGTSTP, SIGCONT});
  raise(SIGTSTP);
  EXPECT_TRUE(is_pending(SIGTSTP));
  raise(SIGCONT);
  EXPECT_FALSE(is_pending(SIGTSTP));
  raise(SIGTSTP);
  EXPECT_FALSE(is_pending(SIGCONT));
  raise(SIGCONT);
  EXPECT_FALSE(is_pending(SIGTSTP));
  sigprocmask(SIG_SETMASK, &old, nullptr);
}

// SIGCONT continues even if it is blocked or ignored, and runs a handler.
TEST(SignalStop, ContinueActsAtOnce) {
  for (const int way : {0, 1, 2}) {
    Shared<Board> board;
    const pid_t child = start_job([&board, way] {
      noted = {};
      if (way == 0) block({SIGCONT});
      if (way == 1) set_action(SIGCONT, SIG_IGN);
      if (way == 2) handle(SIGCONT, note);
      board->flag = 1;
      raise(SIGSTOP);
      CHILD_CHECK(noted.count == (way == 2 ? 1 : 0));
      return 5;
    });
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    kill(child, SIGCONT);
    EXPECT_EQ(wait_for(child), 5);
  }
}

TEST(SignalStop, HandlerOfAStopSignal) {
  EXPECT_EQ(run_child([] {
              noted = {};
              handle(SIGTSTP, note);
              raise(SIGTSTP);
              return noted.count == 1 ? 4 : 0;
            }),
            4);
}

TEST(SignalStop, ParentHearsOfIt) {
  Shared<Board> board;
  noted = {};
  handle(SIGCHLD, note, SA_RESTART);
  const pid_t child = start_job([&board] {
    raise(SIGSTOP);
    return wait_until([&] { return board->flag == 1; }) ? 5 : 6;
  });
  ASSERT_TRUE(wait_until([] { return noted.count == 1; }));
  EXPECT_EQ(noted.info.si_code, CLD_STOPPED);
  EXPECT_EQ(noted.info.si_status, SIGSTOP);
  EXPECT_EQ(noted.info.si_pid, child);
  // Continue is told, too.
  block({SIGCHLD});
  kill(child, SIGCONT);
  int status;
  ASSERT_EQ(waitpid(child, &status, WCONTINUED), child);
  EXPECT_TRUE(WIFCONTINUED(status));
  ASSERT_TRUE(wait_until([] { return is_pending(SIGCHLD); }));
  unblock({SIGCHLD});
  board->flag = 1;
  ASSERT_GE(noted.count, 2);
  EXPECT_EQ(wait_for(child), 5);

  noted = {};
  handle(SIGCHLD, note, SA_RESTART | SA_NOCLDSTOP);
  const pid_t other = start_job([] {
    raise(SIGSTOP);
    return 5;
  });
  ASSERT_EQ(waitpid(other, &status, WUNTRACED), other);
  kill(other, SIGCONT);
  EXPECT_EQ(wait_for(other), 5);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_code, CLD_EXITED);
  set_action(SIGCHLD, SIG_DFL);
}

// Without zombies: wait waits for all and finds none.
TEST(SignalStop, NoChildWait) {
  noted = {};
  handle(SIGCHLD, note, SA_NOCLDWAIT | SA_RESTART);
  const pid_t child = start_job([] { return 5; });
  int status;
  EXPECT_EQ(waitpid(child, &status, 0), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(noted.count, 1);
  set_action(SIGCHLD, SIG_DFL);
}

// A stopped process whose group is orphaned gets SIGHUP and SIGCONT.
TEST(SignalStop, OrphanedGroupIsHungUp) {
  Shared<Board> board;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t leader = start_child([&board] {
    setsid();
    const pid_t job = start_child([&board] {
      noted = {};
      handle(SIGHUP, note);
      setpgid(0, 0);
      raise(SIGSTOP);
      board->flag = noted.count == 1 ? 1 : 2;
      return 0;
    });
    setpgid(job, job);
    int status;
    CHILD_CHECK(waitpid(job, &status, WUNTRACED) == job);
    return 3;
  });
  EXPECT_EQ(wait_for(leader), 3);
  EXPECT_TRUE(wait_until([&] { return board->flag != 0; }));
  EXPECT_EQ(board->flag, 1);
  int status = 0;
  EXPECT_GT(waitpid(-1, &status, 0), 0);
  EXPECT_EQ(end_of(status), 0);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

// In an orphaned group the terminal's stop signals do nothing, SIGSTOP does.
TEST(SignalStop, OrphanedGroupDoesNotStop) {
  const pid_t leader = start_child([] {
    setsid();  // a group whose parent is of another session
    for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) raise(signal);
    return 3;
  });
  EXPECT_EQ(wait_for(leader), 3);
}

}  // namespace
}  // namespace tine::guest
