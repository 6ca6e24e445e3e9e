// What becomes of a call that a signal interrupts.
// feature-map: 6, 92
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"
#include "tests/guest/thread_state.h"

namespace tine::guest {
namespace {

class SignalRestart : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    set_action(SIGUSR1, SIG_DFL);
    set_action(SIGALRM, SIG_DFL);
    set_action(SIGCHLD, SIG_DFL);
  }
};

// A child that sends its parent SIGUSR1 a few times, each when that has been
// asleep in a call for a while, and ends with 21.
pid_t start_sender(int times) {
  return start_child([times] {
    const pid_t parent = getppid();
    for (int i = 0; i < times; ++i) {
      CHILD_CHECK(wait_until([&] { return is_asleep(parent); }));
      sleep_ms(10);
      kill(parent, SIGUSR1);
    }
    sleep_ms(10);
    return 21;
  });
}

TEST_F(SignalRestart, WaitRestartsOrFails) {
  handle(SIGUSR1, note, SA_RESTART);
  pid_t child = start_sender(3);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(end_of(status), 21);
  EXPECT_EQ(noted.count, 3);

  handle(SIGUSR1, note, 0);
  child = start_sender(1);
  EXPECT_EQ(waitpid(child, &status, 0), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 4);
  EXPECT_EQ(wait_for(child), 21);

  siginfo_t info{};
  child = start_sender(1);
  EXPECT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(child), 21);
}

// Sleeping is never made again after a handler; what was left is told.
TEST_F(SignalRestart, SleepTellsTheRest) {
  for (const int flags : {0, SA_RESTART}) {
    handle(SIGUSR1, note, flags);
    const pid_t child = start_sender(1);
    const timespec wanted{1, 0};
    timespec rest{};
    EXPECT_EQ(nanosleep(&wanted, &rest), -1);
    EXPECT_EQ(errno, EINTR);
    EXPECT_EQ(rest.tv_sec, 0);
    EXPECT_GT(rest.tv_nsec, 500'000'000);
    EXPECT_LT(rest.tv_nsec, 999'000'000);
    EXPECT_EQ(wait_for(child), 21);
  }
  const pid_t child = start_sender(1);
  const timespec wanted{1, 0};
  timespec rest{};
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, &rest), EINTR);
  EXPECT_GT(rest.tv_nsec, 500'000'000);
  EXPECT_EQ(wait_for(child), 21);
  // An absolute time has no rest.
  const pid_t other = start_sender(1);
  timespec until{};
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += 2;
  rest = {77, 77};
  EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &rest),
            EINTR);
  EXPECT_EQ(rest.tv_sec, 77);
  EXPECT_EQ(wait_for(other), 21);
  // The rest may be unwanted, or have no place.
  const pid_t third = start_sender(1);
  EXPECT_EQ(syscall(SYS_nanosleep, &wanted, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(wait_for(third), 21);
}

TEST_F(SignalRestart, PauseAlwaysEnds) {
  handle(SIGUSR1, note, SA_RESTART);
  const pid_t child = start_sender(1);
  EXPECT_EQ(pause(), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(wait_for(child), 21);
}

TEST_F(SignalRestart, Futex) {
  uint32_t word = 0;
  handle(SIGUSR1, note, SA_RESTART);
  // Without a time it is made again; the handler changes the word, which the
  // second time is seen.
  static uint32_t* seen;
  seen = &word;
  handle(
      SIGUSR1,
      [](int, siginfo_t*, void*) {
        noted.count = noted.count + 1;
        *seen = 1;
      },
      SA_RESTART);
  pid_t child = start_sender(1);
  EXPECT_EQ(syscall(SYS_futex, &word, 0, 0, nullptr, nullptr, 0), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(wait_for(child), 21);
  word = 0;
  handle(SIGUSR1, note, 0);
  child = start_sender(1);
  EXPECT_EQ(syscall(SYS_futex, &word, 0, 0, nullptr, nullptr, 0), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(child), 21);
  // With a time it never is.
  handle(SIGUSR1, note, SA_RESTART);
  child = start_sender(1);
  const timespec time{5, 0};
  EXPECT_EQ(syscall(SYS_futex, &word, 0, 0, &time, nullptr, 0), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(child), 21);
}

TEST_F(SignalRestart, PollNeverRestarts) {
  handle(SIGUSR1, note, SA_RESTART);
  const pid_t child = start_sender(1);
  EXPECT_EQ(poll(nullptr, 0, 5000), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(child), 21);
}

// ppoll and pselect wait with a mask of their own.
TEST_F(SignalRestart, WaitsWithAMask) {
  handle(SIGUSR1, note);
  const sigset_t old = block({SIGUSR1});
  const timespec time{5, 0};
  raise(SIGUSR1);
  EXPECT_EQ(ppoll(nullptr, 0, &time, &old), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 1);
  EXPECT_TRUE(is_blocked(SIGUSR1));
  const pid_t child = start_sender(1);
  EXPECT_EQ(pselect(0, nullptr, nullptr, nullptr, &time, &old), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 2);
  EXPECT_TRUE(is_blocked(SIGUSR1));
  EXPECT_EQ(wait_for(child), 21);
  // A signal that the mask blocks does not end it.
  const timespec little{0, 20'000'000};
  raise(SIGUSR1);
  const sigset_t same = set_of({SIGUSR1});
  EXPECT_EQ(ppoll(nullptr, 0, &little, &same), 0);
  EXPECT_EQ(noted.count, 2);
  unblock({SIGUSR1});
  EXPECT_EQ(noted.count, 3);
}

// An ignored signal, and one that stops and continues, are not noticed.
TEST_F(SignalRestart, NotByWhatRunsNoHandler) {
  const pid_t parent = start_child([] {
    set_action(SIGUSR1, SIG_IGN);
    const int64_t before = now_ns();
    const timespec wanted{0, 150'000'000};
    CHILD_CHECK(nanosleep(&wanted, nullptr) == 0);
    CHILD_CHECK(now_ns() - before >= 150'000'000);
    return 0;
  });
  sleep_ms(20);
  kill(parent, SIGUSR1);
  kill(parent, SIGSTOP);
  sleep_ms(20);
  kill(parent, SIGCONT);
  EXPECT_EQ(wait_for(parent), 0);
}

// Row 92: fork under a storm of signals never fails with EINTR, and each
// child and handler is there.
TEST_F(SignalRestart, ForkInAStormOfSignals) {
  handle(SIGALRM, note, 0);
  const itimerval often{{0, 300}, {0, 300}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);
  int failed = 0;
  for (int i = 0; i < 300; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(i & 0x3f);
    if (child < 0) {
      ++failed;
      continue;
    }
    int status;
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    ASSERT_EQ(waited, child);
    ASSERT_EQ(end_of(status), i & 0x3f);
  }
  const itimerval off{};
  setitimer(ITIMER_REAL, &off, nullptr);
  EXPECT_EQ(failed, 0);
  EXPECT_GT(noted.count, 10);
}

// restart_syscall by itself has nothing to make again.
TEST_F(SignalRestart, RestartSyscall) {
  EXPECT_EQ(syscall(SYS_restart_syscall), -1);
  EXPECT_EQ(errno, EINTR);
}

}  // namespace
}  // namespace tine::guest
