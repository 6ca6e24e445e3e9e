// alarm, interval timers and POSIX timers.
// feature-map: 60
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <climits>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

class SignalTimer : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int signal : {SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1}) {
      set_action(signal, SIG_DFL);
    }
  }
};

itimerval interval_ms(int64_t first, int64_t again) {
  return {{again / 1000, again % 1000 * 1000},
          {first / 1000, first % 1000 * 1000}};
}

TEST_F(SignalTimer, Alarm) {
  handle(SIGALRM, note);
  EXPECT_EQ(alarm(100), 0u);
  EXPECT_EQ(alarm(1), 100u);
  const int64_t before = now_ns();
  EXPECT_EQ(pause(), -1);
  EXPECT_EQ(noted.count, 1);
  EXPECT_GE(now_ns() - before, 990'000'000);
  EXPECT_EQ(noted.info.si_code, SI_KERNEL);
  EXPECT_EQ(alarm(0), 0u);
  EXPECT_EQ(alarm(5), 0u);
  EXPECT_EQ(alarm(0), 5u);
}

TEST_F(SignalTimer, EndsWithoutAHandler) {
  EXPECT_EQ(run_child([] {
              const itimerval soon = interval_ms(20, 0);
              setitimer(ITIMER_REAL, &soon, nullptr);
              for (;;) pause();
              return 0;
            }),
            -SIGALRM);
  // And a program that never makes a call.
  EXPECT_EQ(run_child([] {
              const itimerval soon = interval_ms(20, 0);
              setitimer(ITIMER_REAL, &soon, nullptr);
              for (volatile int i = 0;; i = i + 1) {
              }
              return 0;
            }),
            -SIGALRM);
}

TEST_F(SignalTimer, IsNotInheritedByFork) {
  handle(SIGALRM, note);
  const itimerval soon = interval_ms(30, 0);
  ASSERT_EQ(setitimer(ITIMER_REAL, &soon, nullptr), 0);
  const pid_t child = start_child([] {
    itimerval now{};
    CHILD_CHECK(getitimer(ITIMER_REAL, &now) == 0);
    CHILD_CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
    sleep_ms(60);
    return noted.count;
  });
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(noted.count, 1);
}

TEST_F(SignalTimer, IntervalRepeats) {
  handle(SIGALRM, note);
  const itimerval often = interval_ms(5, 5);
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);
  ASSERT_TRUE(wait_until([] { return noted.count >= 10; }));
  itimerval now{}, old{};
  ASSERT_EQ(getitimer(ITIMER_REAL, &now), 0);
  EXPECT_EQ(now.it_interval.tv_usec, 5000);
  EXPECT_LE(now.it_value.tv_usec, 5000);
  const itimerval off{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &off, &old), 0);
  EXPECT_EQ(old.it_interval.tv_usec, 5000);
  const int then = noted.count;
  sleep_ms(20);
  EXPECT_EQ(noted.count, then);
}

TEST_F(SignalTimer, Refusals) {
  itimerval bad{{0, 0}, {0, 1'000'000}};
  EXPECT_EQ(setitimer(ITIMER_REAL, &bad, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  bad = {{0, 0}, {-1, 0}};
  EXPECT_EQ(setitimer(ITIMER_REAL, &bad, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_setitimer, 3, &bad, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_getitimer, -1, &bad), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_getitimer, ITIMER_REAL, 8), -1);
  EXPECT_EQ(errno, EFAULT);
}

void burn(int64_t ms) {
  const int64_t end = now_ns() + ms * 1'000'000;
  while (now_ns() < end) {
    for (volatile int i = 0; i < 10'000; i = i + 1) {
    }
  }
}

// CPU time, not real time.
TEST_F(SignalTimer, VirtualAndProfile) {
  const struct {
    int which;
    int signal;
  } kinds[] = {{ITIMER_VIRTUAL, SIGVTALRM}, {ITIMER_PROF, SIGPROF}};
  for (const auto& kind : kinds) {
    noted = {};
    handle(kind.signal, note);
    const itimerval often = interval_ms(20, 20);
    ASSERT_EQ(setitimer(kind.which, &often, nullptr), 0);
    sleep_ms(100);
    EXPECT_LE(noted.count, 1);
    for (int i = 0; i < 100 && noted.count < 4; ++i) burn(20);
    EXPECT_GE(noted.count, 4);
    EXPECT_EQ(noted.signal, kind.signal);
    const itimerval off{};
    ASSERT_EQ(setitimer(kind.which, &off, nullptr), 0);
  }
}

// ---- POSIX timers

sigevent signal_event(int signal) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = signal;
  return event;
}

int make_timer(clockid_t clock, sigevent* event) {
  int timer = -1;
  return syscall(SYS_timer_create, clock, event, &timer) == 0 ? timer : -1;
}
int set_timer(int timer, int64_t first_ms, int64_t again_ms, int flags = 0) {
  const itimerspec time{{again_ms / 1000, again_ms % 1000 * 1'000'000},
                        {first_ms / 1000, first_ms % 1000 * 1'000'000}};
  return static_cast<int>(
      syscall(SYS_timer_settime, timer, flags, &time, nullptr));
}

TEST_F(SignalTimer, PosixTimerWithValue) {
  handle(SIGUSR1, note);
  sigevent event = signal_event(SIGUSR1);
  event.sigev_value.sival_int = 321;
  const int timer = make_timer(CLOCK_MONOTONIC, &event);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 10, 0), 0);
  ASSERT_TRUE(wait_until([] { return noted.count == 1; }));
  EXPECT_EQ(noted.info.si_code, SI_TIMER);
  EXPECT_EQ(noted.info.si_value.sival_int, 321);
  EXPECT_EQ(noted.info.si_overrun, 0);
  EXPECT_EQ(noted.info.si_timerid, timer);
  itimerspec now{};
  ASSERT_EQ(syscall(SYS_timer_gettime, timer, &now), 0);
  EXPECT_EQ(now.it_value.tv_nsec, 0);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
  EXPECT_EQ(syscall(SYS_timer_delete, timer), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(SignalTimer, PosixTimerByDefaultIsAnAlarm) {
  handle(SIGALRM, note);
  const int timer = make_timer(CLOCK_REALTIME, nullptr);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 5, 0), 0);
  ASSERT_TRUE(wait_until([] { return noted.count == 1; }));
  EXPECT_EQ(noted.signal, SIGALRM);
  EXPECT_EQ(noted.values[0], timer);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
}

// While its signal is blocked a timer counts how often it ran out.
TEST_F(SignalTimer, PosixTimerOverrun) {
  handle(SIGUSR1, note);
  block({SIGUSR1});
  sigevent event = signal_event(SIGUSR1);
  const int timer = make_timer(CLOCK_MONOTONIC, &event);
  ASSERT_GE(timer, 0);
  // Long enough that it does not run out again before the check below.
  ASSERT_EQ(set_timer(timer, 30, 30), 0);
  sleep_ms(660);
  unblock({SIGUSR1});
  ASSERT_GE(noted.count, 1);
  EXPECT_GE(noted.info.si_overrun + noted.count, 20);
  EXPECT_GE(syscall(SYS_timer_getoverrun, timer), 0);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
}

// Since 1970, were it to count them all.
TEST_F(SignalTimer, PosixTimerOverrunHasALimit) {
  handle(SIGUSR1, note);
  block({SIGUSR1});
  sigevent event = signal_event(SIGUSR1);
  const int timer = make_timer(CLOCK_REALTIME, &event);
  ASSERT_GE(timer, 0);
  const itimerspec time{{0, 1}, {1, 0}};
  ASSERT_EQ(syscall(SYS_timer_settime, timer, TIMER_ABSTIME, &time, nullptr),
            0);
  const sigset_t wanted = set_of({SIGUSR1});
  siginfo_t info{};
  ASSERT_EQ(sigwaitinfo(&wanted, &info), SIGUSR1);
  EXPECT_EQ(info.si_overrun, INT_MAX);
  EXPECT_EQ(syscall(SYS_timer_getoverrun, timer), INT_MAX);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
  unblock({SIGUSR1});
}

// Others get on beside a timer that runs out all the time.
TEST_F(SignalTimer, PosixTimerOfANanosecond) {
  sigevent event = signal_event(SIGUSR1);
  block({SIGUSR1});
  const int timer = make_timer(CLOCK_MONOTONIC, &event);
  ASSERT_GE(timer, 0);
  const itimerspec time{{0, 1}, {0, 1}};
  ASSERT_EQ(syscall(SYS_timer_settime, timer, 0, &time, nullptr), 0);
  const int64_t end = now_ns(CLOCK_PROCESS_CPUTIME_ID) + 50'000'000;
  while (now_ns(CLOCK_PROCESS_CPUTIME_ID) < end) {
  }
  // Disarmed it has no interval either.
  const itimerspec none{{0, 1}, {0, 0}};
  ASSERT_EQ(syscall(SYS_timer_settime, timer, 0, &none, nullptr), 0);
  itimerspec now{};
  ASSERT_EQ(syscall(SYS_timer_gettime, timer, &now), 0);
  EXPECT_EQ(now.it_value.tv_nsec, 0);
  EXPECT_EQ(now.it_interval.tv_nsec, 0);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
  unblock({SIGUSR1});
}

TEST_F(SignalTimer, PosixTimerOfAThread) {
  handle(SIGUSR1, note);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGUSR1;
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  const int timer = make_timer(CLOCK_MONOTONIC, &event);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 5, 0), 0);
  ASSERT_TRUE(wait_until([] { return noted.count == 1; }));
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
  event._sigev_un._tid = 1;
  EXPECT_EQ(make_timer(CLOCK_MONOTONIC, &event), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(SignalTimer, PosixTimerThatSaysNothing) {
  sigevent event{};
  event.sigev_notify = SIGEV_NONE;
  const int timer = make_timer(CLOCK_MONOTONIC, &event);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 1000, 0), 0);
  itimerspec now{};
  ASSERT_EQ(syscall(SYS_timer_gettime, timer, &now), 0);
  EXPECT_GT(now.it_value.tv_nsec, 500'000'000);
  ASSERT_EQ(set_timer(timer, 5, 0), 0);
  sleep_ms(10);
  ASSERT_EQ(syscall(SYS_timer_gettime, timer, &now), 0);
  EXPECT_EQ(now.it_value.tv_nsec, 0);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
}

TEST_F(SignalTimer, PosixTimerAbsolute) {
  handle(SIGUSR1, note);
  sigevent event = signal_event(SIGUSR1);
  for (const clockid_t clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    noted = {};
    const int timer = make_timer(clock, &event);
    ASSERT_GE(timer, 0);
    const int64_t until = now_ns(clock) + 15'000'000;
    const itimerspec time{{0, 0},
                          {until / 1'000'000'000, until % 1'000'000'000}};
    ASSERT_EQ(syscall(SYS_timer_settime, timer, TIMER_ABSTIME, &time, nullptr),
              0);
    ASSERT_TRUE(wait_until([] { return noted.count == 1; }));
    EXPECT_GE(now_ns(clock), until);
    ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
  }
}

TEST_F(SignalTimer, PosixTimersAreNotInherited) {
  const int timer = make_timer(CLOCK_MONOTONIC, nullptr);
  ASSERT_GE(timer, 0);
  EXPECT_EQ(run_child([timer] {
              itimerspec now;
              return syscall(SYS_timer_gettime, timer, &now) == -1 &&
                             errno == EINVAL
                         ? 0
                         : 1;
            }),
            0);
  ASSERT_EQ(syscall(SYS_timer_delete, timer), 0);
}

TEST_F(SignalTimer, PosixTimerRefusals) {
  sigevent event = signal_event(65);
  EXPECT_EQ(make_timer(CLOCK_MONOTONIC, &event), -1);
  EXPECT_EQ(errno, EINVAL);
  event.sigev_signo = SIGUSR1;
  event.sigev_notify = 77;
  EXPECT_EQ(make_timer(CLOCK_MONOTONIC, &event), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(make_timer(99, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  const int timer = make_timer(CLOCK_MONOTONIC, nullptr);
  const itimerspec bad{{0, 0}, {0, 1'000'000'000}};
  EXPECT_EQ(syscall(SYS_timer_settime, timer, 0, &bad, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_timer_settime, timer, 0, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_timer_delete, timer), 0);
}

}  // namespace
}  // namespace tine::guest
