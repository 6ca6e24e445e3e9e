// Process 1 of a pid namespace: it gets the orphans, is safe from signals of
// its own children, and takes all with it when it ends.
// feature-map: 74, 100
#include <errno.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/pid_namespaces.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

class ProcessOne : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_make_pid_namespaces()) GTEST_SKIP() << "not allowed here";
    ASSERT_EQ(pipe(ends_), 0);
  }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  void tell() const { (void)!write(ends_[1], "x", 1); }
  void hear() const {
    char byte;
    CHILD_CHECK(read(ends_[0], &byte, 1) == 1);
  }
  // Whether nobody else has the pipe's end for writing within a few seconds.
  bool all_have_gone() {
    close(ends_[1]);
    ends_[1] = -1;
    pollfd poll_end{ends_[0], POLLIN, 0};
    return poll(&poll_end, 1, 20'000) == 1 && poll_end.revents == POLLHUP;
  }

  int ends_[2] = {-1, -1};
};

int sleep_on() {
  for (;;) pause();
}

TEST_F(ProcessOne, GetsTheOrphans) {
  EXPECT_EQ(run_process_one([&] {
              const pid_t child = start_child([&] {
                const pid_t orphan = start_child([&] {
                  hear();
                  CHILD_CHECK(getpid() == 3 && getppid() == 1);
                  return 6;
                });
                return orphan == 3 ? 0 : 1;
              });
              CHILD_CHECK(child == 2 && wait_for(2) == 0);
              tell();
              int status = 0;
              CHILD_CHECK(wait(&status) == 3 && end_of(status) == 6);
              return 0;
            }),
            0);
}

// A process that asked for orphans gets those of its own namespace only.
TEST_F(ProcessOne, ComesBeforeReapersOutside) {
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
              CHILD_CHECK(run_process_one([&] {
                            const pid_t child = start_child([&] {
                              (void)start_child([&] {
                                hear();
                                return getppid() == 1 ? 0 : 1;
                              });
                              return 0;
                            });
                            CHILD_CHECK(wait_for(child) == 0);
                            tell();
                            return wait_for(3);
                          }) == 0);
              return 0;
            }),
            0);
}

TEST_F(ProcessOne, IsSafeFromInside) {
  EXPECT_EQ(run_process_one([&] {
              const int end = run_child([] {
                for (const int signal : {SIGTERM, SIGKILL, SIGSTOP, SIGSEGV}) {
                  CHILD_CHECK(kill(1, signal) == 0);
                }
                return 0;
              });
              CHILD_CHECK(end == 0);
              CHILD_CHECK(raise(SIGTERM) == 0 && raise(SIGKILL) == 0);
              // What it handles does come.
              CHILD_CHECK(handle(SIGUSR1, note) == 0);
              const pid_t child =
                  start_child([] { return kill(1, SIGUSR1) == 0 ? 0 : 1; });
              CHILD_CHECK(wait_for(child) == 0);
              CHILD_CHECK(noted.count == 1 && noted.info.si_pid == child);
              return 3;
            }),
            3);
}

TEST_F(ProcessOne, HearsFromNobodyOutside) {
  const pid_t child = start_process_one([&] {
    CHILD_CHECK(handle(SIGUSR1, note) == 0);
    const sigset_t usr1 = set_of({SIGUSR1});
    sigset_t open;
    CHILD_CHECK(sigprocmask(SIG_BLOCK, &usr1, &open) == 0);
    tell();
    while (noted.count == 0) sigsuspend(&open);
    CHILD_CHECK(noted.info.si_code == SI_USER && noted.info.si_pid == 0);
    return 0;
  });
  hear();
  // Without a handler only two come through.
  EXPECT_EQ(kill(child, SIGTERM), 0);
  EXPECT_EQ(kill(child, SIGUSR1), 0);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(ProcessOne, StopsAndEndsFromOutside) {
  const pid_t child = start_process_one([] { return sleep_on(); });
  ASSERT_GT(child, 0);
  EXPECT_EQ(kill(child, SIGSTOP), 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
  EXPECT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(waitpid(child, &status, WCONTINUED), child);
  EXPECT_TRUE(WIFCONTINUED(status));
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST_F(ProcessOne, TellsItsParentByTheParentsNumber) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(handle(SIGCHLD, note) == 0);
              const sigset_t chld = set_of({SIGCHLD});
              sigset_t open;
              CHILD_CHECK(sigprocmask(SIG_BLOCK, &chld, &open) == 0);
              const pid_t child = start_process_one([] { return 0; });
              while (noted.count == 0) sigsuspend(&open);
              CHILD_CHECK(noted.info.si_pid == child && child != 1);
              return wait_for(child);
            }),
            0);
}

TEST_F(ProcessOne, EveryoneMeansItsOwn) {
  const pid_t bystander = start_child([] { return sleep_on(); });
  EXPECT_EQ(run_process_one([] {
              const pid_t one = start_child([] { return sleep_on(); });
              const pid_t two = start_process_one([] { return sleep_on(); });
              CHILD_CHECK(one == 2 && two == 3);
              CHILD_CHECK(kill(-1, SIGKILL) == 0);
              CHILD_CHECK(wait_for(one) == -SIGKILL);
              CHILD_CHECK(wait_for(two) == -SIGKILL);
              CHILD_CHECK(kill(-1, SIGKILL) == -1 && errno == ESRCH);
              return 0;
            }),
            0);
  EXPECT_EQ(kill(bystander, 0), 0);
  EXPECT_EQ(waitpid(bystander, nullptr, WNOHANG), 0);
  EXPECT_EQ(kill(bystander, SIGKILL), 0);
  EXPECT_EQ(wait_for(bystander), -SIGKILL);
}

// Children of children, namespaces within: all end.
TEST_F(ProcessOne, TakesAllWithIt) {
  for (const bool is_killed : {false, true}) {
    int up[2];
    ASSERT_EQ(pipe(up), 0);
    const pid_t child = start_process_one([&] {
      for (int i = 0; i < 3; ++i) {
        (void)start_child([&] {
          (void)start_process_one([&] {
            (void)start_child([&] {
              tell();
              return sleep_on();
            });
            return sleep_on();
          });
          return sleep_on();
        });
      }
      for (int i = 0; i < 3; ++i) hear();
      CHILD_CHECK(write(up[1], "x", 1) == 1);
      return is_killed ? sleep_on() : 4;
    });
    ASSERT_GT(child, 0);
    char byte;
    ASSERT_EQ(read(up[0], &byte, 1), 1);
    if (is_killed) {
      EXPECT_EQ(kill(child, SIGKILL), 0);
    }
    EXPECT_EQ(wait_for(child), is_killed ? -SIGKILL : 4);
    EXPECT_TRUE(all_have_gone());
    close(ends_[0]);
    close(up[0]);
    close(up[1]);
    ASSERT_EQ(pipe(ends_), 0);
  }
}

// It is not over before those are that somebody outside has to wait for.
TEST_F(ProcessOne, WaitsForStrays) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(unshare(CLONE_NEWPID) == 0);
        const pid_t one = start_child([] { return sleep_on(); });
        const pid_t stray = start_child([] { return sleep_on(); });
        CHILD_CHECK(one > 0 && stray > 0);
        CHILD_CHECK(kill(one, SIGKILL) == 0);
        siginfo_t info{};
        CHILD_CHECK(waitid(P_PID, static_cast<id_t>(stray), &info,
                           WEXITED | WNOWAIT) == 0);
        CHILD_CHECK(info.si_code == CLD_KILLED && info.si_status == SIGKILL);
        for (int i = 0; i < 5; ++i) {
          CHILD_CHECK(waitpid(one, nullptr, WNOHANG) == 0);
          usleep(1000);
        }
        CHILD_CHECK(fork() == -1 && errno == ENOMEM);
        CHILD_CHECK(wait_for(stray) == -SIGKILL);
        CHILD_CHECK(wait_for(one) == -SIGKILL);
        CHILD_CHECK(fork() == -1 && errno == ENOMEM);
        return 0;
      }),
      0);
}

// A stray whose parent ends goes to the reaper of that parent, outside.
TEST_F(ProcessOne, OrphansOfOutsidersStayOutside) {
  int one[2];
  ASSERT_EQ(pipe(one), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
              const int end = run_child([&] {
                CHILD_CHECK(unshare(CLONE_NEWPID) == 0);
                (void)start_child([&] {
                  char byte;
                  return read(one[0], &byte, 1) == 1 ? 3 : 4;
                });
                (void)start_child([&] {
                  hear();
                  return getpid() == 2 && getppid() == 0 ? 0 : 1;
                });
                return 0;
              });
              CHILD_CHECK(end == 0);
              tell();
              int status = 0;
              CHILD_CHECK(wait(&status) > 2 && end_of(status) == 0);
              CHILD_CHECK(write(one[1], "x", 1) == 1);
              CHILD_CHECK(wait(&status) > 2 && end_of(status) == 3);
              return 0;
            }),
            0);
  close(one[0]);
  close(one[1]);
}

}  // namespace
}  // namespace tine::guest
