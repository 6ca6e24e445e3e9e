// Signals between parents and children that end: the exit signal, the signal at
// the parent's death; and who takes orphans.
// feature-map: 85, 87, 90
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/clone_calls.h"
#include "tests/guest/own_path.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

TEST(ExitSignals, OtherThanSigchldMakeCloneChildren) {
  struct sigaction before{};
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(sigaction(SIGUSR1, &ignore, &before), 0);
  for (const int signal : {0, SIGUSR1, 100}) {
    const long pid = try_clone(static_cast<uint64_t>(signal));
    ASSERT_GT(pid, 0) << signal;
    EXPECT_EQ(waitpid(static_cast<pid_t>(pid), nullptr, 0), -1);
    EXPECT_EQ(errno, ECHILD);
    int status = 0;
    EXPECT_EQ(wait4(static_cast<pid_t>(pid), &status,
                    static_cast<int>(__WCLONE), nullptr),
              pid);
  }
  const long usual = try_clone(SIGCHLD);
  EXPECT_EQ(wait4(static_cast<pid_t>(usual), nullptr,
                  static_cast<int>(__WCLONE), nullptr),
            -1);
  EXPECT_EQ(wait_all_kinds(usual), 0);
  ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
}

TEST(ExitSignals, IgnoringSigchldReapsOnlyThoseWhoSendIt) {
  EXPECT_EQ(run_child([] {
              std::signal(SIGCHLD, SIG_IGN);
              const long quiet = try_clone(0);
              const long usual = try_clone(SIGCHLD);
              CHILD_CHECK(quiet > 0 && usual > 0);
              CHILD_CHECK(waitpid(static_cast<pid_t>(usual), nullptr, 0) == -1);
              CHILD_CHECK(errno == ECHILD);
              return wait_all_kinds(quiet);
            }),
            0);
}

TEST(ExitSignals, KillAParentThatDoesNotExpectThem) {
  const int end = run_child([] {
    (void)try_clone(SIGUSR1);
    for (;;) pause();
    return 1;
  });
  EXPECT_EQ(end, -SIGUSR1);
}

// What was cloned before an exec sends SIGCHLD when it ends, whatever it was
// cloned with.
TEST(ExitSignals, AreSigchldAfterTheParentsExec) {
  Shared<std::atomic<int>> ended;
  const int end = run_child([&] {
    const long pid = raw_clone(SIGKILL);
    if (pid == 0) {
      usleep(60'000);
      for (;;) raw_syscall(SYS_exit_group, 0);
    }
    execl(own_path().c_str(), "exit_signal_test",
          "--gtest_filter=None:Slow.Program", nullptr);
    return 99;
  });
  EXPECT_EQ(end, 0);
}

// Runs longer than the child above.
TEST(Slow, Program) { usleep(120'000); }

TEST(DeathSignal, ComesWhenTheCreatingThreadEnds) {
  EXPECT_EQ(run_child([] {
              Shared<std::atomic<pid_t>> child;
              Shared<std::atomic<bool>> ready;
              std::thread([&] {
                const pid_t pid = fork();
                if (pid == 0) {
                  prctl(PR_SET_PDEATHSIG, SIGKILL);
                  *ready = true;
                  for (;;) pause();
                }
                *child = pid;
                while (!*ready) sched_yield();
              }).join();
              return -wait_for(*child);
            }),
            SIGKILL);
}

TEST(DeathSignal, IsNotInherited) {
  EXPECT_EQ(run_child([] {
              prctl(PR_SET_PDEATHSIG, SIGUSR1);
              return run_child([] {
                int signal = -1;
                prctl(PR_GET_PDEATHSIG, &signal);
                return signal;
              });
            }),
            0);
}

TEST(Subreaper, ThreadsOfItGetOrphans) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
              Shared<std::atomic<pid_t>> orphan;
              std::thread([&] {
                wait_for(start_child([&] {
                  *orphan = start_child([] {
                    usleep(20'000);
                    return 13;
                  });
                  return 0;
                }));
              }).join();
              return wait_for(*orphan);
            }),
            13);
}

}  // namespace
}  // namespace tine::guest
