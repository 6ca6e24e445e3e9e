// Pending signals: order, values, limits; waiting for them.
// feature-map: 58
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

class SignalQueue : public testing::Test {
 protected:
  void SetUp() override {
    noted = {};
    sigprocmask(SIG_SETMASK, nullptr, &old_);
  }
  void TearDown() override {
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
      if (signal == SIGUSR1 || signal == SIGUSR2 || signal >= SIGRTMIN) {
        set_action(signal, SIG_IGN);  // drops what is pending
        set_action(signal, SIG_DFL);
      }
    }
    sigprocmask(SIG_SETMASK, &old_, nullptr);
  }
  sigset_t old_;
};

int queue(pid_t pid, int signal, int value) {
  sigval data{};
  data.sival_int = value;
  return sigqueue(pid, signal, data);
}

TEST_F(SignalQueue, ValueAndSender) {
  handle(SIGUSR1, note);
  ASSERT_EQ(queue(getpid(), SIGUSR1, 4711), 0);
  EXPECT_EQ(noted.info.si_code, SI_QUEUE);
  EXPECT_EQ(noted.info.si_value.sival_int, 4711);
  EXPECT_EQ(noted.info.si_pid, getpid());
  EXPECT_EQ(noted.info.si_uid, getuid());
}

// POSIX: the lowest number first, and of one number in order of sending.
TEST_F(SignalQueue, RealTimeSignalsInOrder) {
  const int a = SIGRTMIN + 1, b = SIGRTMIN + 3;
  block({a, b});
  // While one handler runs the others are blocked, so that order shows.
  handle(a, note, 0, {a, b});
  handle(b, note, 0, {a, b});
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(queue(getpid(), b, 100 + i), 0);
    ASSERT_EQ(queue(getpid(), a, i), 0);
  }
  EXPECT_TRUE(is_pending(a));
  EXPECT_TRUE(is_pending(b));
  unblock({a, b});
  ASSERT_EQ(noted.count, 20);
  // All are delivered at once: each interrupts the one before at its first
  // instruction unless that is blocked, which these are.
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(noted.order[i], a);
    EXPECT_EQ(noted.values[i], i);
    EXPECT_EQ(noted.order[10 + i], b);
    EXPECT_EQ(noted.values[10 + i], 100 + i);
  }
  EXPECT_FALSE(is_pending(a));
}

TEST_F(SignalQueue, StandardSignalsAreKeptOnce) {
  block({SIGUSR1});
  handle(SIGUSR1, note);
  ASSERT_EQ(queue(getpid(), SIGUSR1, 1), 0);
  ASSERT_EQ(queue(getpid(), SIGUSR1, 2), 0);
  unblock({SIGUSR1});
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.values[0], 1);  // the first
}

// Of all processes of the user: other tests may run as the same.
rlim_t queued_by_the_user() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    unsigned long count = 0;
    if (sscanf(line.c_str(), "SigQ: %lu/", &count) == 1) return count;
  }
  return 0;
}

TEST_F(SignalQueue, LimitOfPendingSignals) {
  EXPECT_EQ(run_child([] {
              block({SIGRTMIN, SIGUSR1});
              const rlim_t most = queued_by_the_user() + 5;
              const rlimit limit{most, most};
              CHILD_CHECK(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
              int sent = 0;
              while (sent < 100 && queue(getpid(), SIGRTMIN, sent) == 0) ++sent;
              CHILD_CHECK(errno == EAGAIN);
              CHILD_CHECK(sent == 5);
              // kill() of a standard signal has no such limit.
              CHILD_CHECK(kill(getpid(), SIGUSR1) == 0);
              CHILD_CHECK(is_pending(SIGUSR1));
              // What is taken makes room.
              const sigset_t set = set_of({SIGRTMIN});
              siginfo_t info;
              for (int i = 0; i < 5; ++i) {
                CHILD_CHECK(sigwaitinfo(&set, &info) == SIGRTMIN);
                CHILD_CHECK(info.si_value.sival_int == i);
              }
              CHILD_CHECK(queue(getpid(), SIGRTMIN, 9) == 0);
              return 0;
            }),
            0);
}

TEST_F(SignalQueue, PendingIsNotInheritedTheMaskIs) {
  block({SIGUSR1, SIGRTMIN});
  raise(SIGUSR1);
  kill(getpid(), SIGRTMIN);
  EXPECT_EQ(run_child([] {
              return !is_pending(SIGUSR1) && !is_pending(SIGRTMIN) &&
                             is_blocked(SIGUSR1) && is_blocked(SIGRTMIN)
                         ? 0
                         : 1;
            }),
            0);
  EXPECT_TRUE(is_pending(SIGUSR1));
}

TEST_F(SignalQueue, IgnoringDiscards) {
  block({SIGUSR1, SIGRTMIN});
  handle(SIGUSR1, note);
  handle(SIGRTMIN, note);
  raise(SIGUSR1);
  queue(getpid(), SIGRTMIN, 1);
  queue(getpid(), SIGRTMIN, 2);
  set_action(SIGUSR1, SIG_IGN);
  set_action(SIGRTMIN, SIG_IGN);
  EXPECT_FALSE(is_pending(SIGUSR1));
  EXPECT_FALSE(is_pending(SIGRTMIN));
  handle(SIGUSR1, note);
  unblock({SIGUSR1, SIGRTMIN});
  EXPECT_EQ(noted.count, 0);
}

// ---- sigqueueinfo: what a program may claim

TEST_F(SignalQueue, InfoCannotBeForgedForOthers) {
  const pid_t child = start_child([] {
    pause();
    return 0;
  });
  siginfo_t info{};
  info.si_code = SI_USER;
  EXPECT_EQ(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info), -1);
  EXPECT_EQ(errno, EPERM);
  info.si_code = SI_TKILL;
  EXPECT_EQ(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(syscall(SYS_rt_tgsigqueueinfo, child, child, SIGUSR1, &info), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  info.si_code = SI_QUEUE;
  EXPECT_EQ(syscall(SYS_rt_sigqueueinfo, child, 65, &info), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_rt_sigqueueinfo, child, SIGKILL, &info), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST_F(SignalQueue, ToItselfAnyInfo) {
  handle(SIGUSR1, note);
  siginfo_t info{};
  info.si_code = -42;
  info.si_value.sival_int = 99;
  info.si_pid = 12345;
  ASSERT_EQ(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info),
            0);
  EXPECT_EQ(noted.info.si_code, -42);
  EXPECT_EQ(noted.info.si_pid, 12345);
  EXPECT_EQ(noted.info.si_signo, SIGUSR1);
  EXPECT_EQ(noted.values[0], 99);
}

// ---- sigsuspend, sigtimedwait

TEST_F(SignalQueue, SuspendTakesOneAndRestoresTheMask) {
  handle(SIGUSR1, note);
  handle(SIGUSR2, note);
  block({SIGUSR1, SIGUSR2});
  raise(SIGUSR1);
  raise(SIGUSR2);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  sigdelset(&mask, SIGUSR1);
  EXPECT_EQ(sigsuspend(&mask), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.signal, SIGUSR1);
  EXPECT_TRUE(is_blocked(SIGUSR1));
  EXPECT_TRUE(is_pending(SIGUSR2));
}

TEST_F(SignalQueue, SuspendWaits) {
  handle(SIGUSR1, note);
  block({SIGUSR1});
  const pid_t child = start_child([] {
    sleep_ms(20);
    kill(getppid(), SIGUSR1);
    return 0;
  });
  const sigset_t none = set_of({});
  EXPECT_EQ(sigsuspend(&none), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.info.si_pid, child);
  EXPECT_EQ(wait_for(child), 0);
}

// One that ends the process is waited for only while it is blocked.
TEST_F(SignalQueue, WaitedForAndNotBlocked) {
  for (const bool is_handled : {false, true}) {
    const pid_t child = start_child([&] {
      set_action(SIGUSR1, is_handled ? [](int) {} : SIG_DFL);
      const sigset_t set = set_of({SIGUSR1});
      const timespec long_time{10, 0};
      return sigtimedwait(&set, nullptr, &long_time);
    });
    sleep_ms(50);
    EXPECT_EQ(kill(child, SIGUSR1), 0);
    EXPECT_EQ(wait_for(child), is_handled ? SIGUSR1 : -SIGUSR1);
  }
}

TEST_F(SignalQueue, TimedWait) {
  const sigset_t set = set_of({SIGUSR1, SIGRTMIN});
  block({SIGUSR1, SIGRTMIN});
  const timespec zero{0, 0};
  siginfo_t info{};
  EXPECT_EQ(sigtimedwait(&set, &info, &zero), -1);
  EXPECT_EQ(errno, EAGAIN);
  const int64_t before = now_ns();
  const timespec little{0, 30'000'000};
  EXPECT_EQ(sigtimedwait(&set, &info, &little), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GE(now_ns() - before, 30'000'000);
  queue(getpid(), SIGRTMIN, 5);
  kill(getpid(), SIGUSR1);
  EXPECT_EQ(sigtimedwait(&set, &info, &little), SIGUSR1);
  EXPECT_EQ(info.si_code, SI_USER);
  EXPECT_EQ(info.si_pid, getpid());
  EXPECT_EQ(sigtimedwait(&set, &info, &little), SIGRTMIN);
  EXPECT_EQ(info.si_value.sival_int, 5);
  EXPECT_EQ(info.si_code, SI_QUEUE);
  const pid_t child = start_child([] {
    sleep_ms(20);
    return queue(getppid(), SIGRTMIN, 77);
  });
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_value.sival_int, 77);
  EXPECT_EQ(wait_for(child), 0);
}

// A handler of another signal interrupts it, SA_RESTART or not.
TEST_F(SignalQueue, TimedWaitIsInterrupted) {
  handle(SIGUSR2, note, SA_RESTART);
  block({SIGUSR1});
  const pid_t child = start_child([] {
    sleep_ms(20);
    kill(getppid(), SIGUSR2);
    return 0;
  });
  const sigset_t set = set_of({SIGUSR1});
  EXPECT_EQ(sigwaitinfo(&set, nullptr), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(wait_for(child), 0);
}

// It takes signals whose action is to be ignored, too, if they are blocked.
TEST_F(SignalQueue, TimedWaitTakesBlockedIgnoredSignals) {
  block({SIGCHLD});
  const pid_t child = start_child([] { return 3; });
  const sigset_t set = set_of({SIGCHLD});
  siginfo_t info{};
  EXPECT_EQ(sigwaitinfo(&set, &info), SIGCHLD);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_status, 3);
  EXPECT_EQ(wait_for(child), 3);
}

TEST_F(SignalQueue, MaskCalls) {
  EXPECT_EQ(syscall(SYS_rt_sigprocmask, 7, &old_, nullptr, 8), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &old_, nullptr, 16), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, nullptr, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(syscall(SYS_rt_sigsuspend, &old_, 16), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_rt_sigsuspend, 8, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  block({SIGKILL, SIGSTOP});
  EXPECT_FALSE(is_blocked(SIGKILL));
  EXPECT_FALSE(is_blocked(SIGSTOP));
}

}  // namespace
}  // namespace tine::guest
