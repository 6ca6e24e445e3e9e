// Timers, sleeps and limits of CPU time.
// feature-map: 60, 54
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr int64_t kMs = 1'000'000;

timespec to_time(int64_t ns) {
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}
int64_t to_ns(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void burn(int64_t ns, clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  const int64_t end = now_ns(clock) + ns;
  while (now_ns(clock) < end) {
    for (volatile int i = 0; i < 5'000; i = i + 1) {
    }
  }
}

class CpuTimer : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int signal : {SIGUSR1, SIGVTALRM, SIGPROF, SIGXCPU}) {
      set_action(signal, SIG_DFL);
    }
  }
};

int make_timer(clockid_t clock, int notify = SIGEV_SIGNAL,
               int signal = SIGUSR1) {
  sigevent event{};
  event.sigev_notify = notify;
  event.sigev_signo = signal;
  event.sigev_value.sival_int = 77;
  int timer = -1;
  return syscall(SYS_timer_create, clock, &event, &timer) == 0 ? timer : -1;
}
int set_timer(int timer, int64_t first_ns, int64_t again_ns, int flags = 0,
              itimerspec* old = nullptr) {
  const itimerspec time{to_time(again_ns), to_time(first_ns)};
  return static_cast<int>(syscall(SYS_timer_settime, timer, flags, &time, old));
}
itimerspec get_timer(int timer) {
  itimerspec time{};
  EXPECT_EQ(syscall(SYS_timer_gettime, timer, &time), 0);
  return time;
}
void delete_timer(int timer) { EXPECT_EQ(syscall(SYS_timer_delete, timer), 0); }

// Clocks of this process and thread, by name and by number.
clockid_t own_process_clock() {
  clockid_t clock = 0;
  EXPECT_EQ(clock_getcpuclockid(getpid(), &clock), 0);
  return clock;
}
clockid_t own_thread_clock() {
  clockid_t clock = 0;
  EXPECT_EQ(pthread_getcpuclockid(pthread_self(), &clock), 0);
  return clock;
}

TEST_F(CpuTimer, RunsOutByWorkAlone) {
  handle(SIGUSR1, note);
  for (const clockid_t clock :
       {clockid_t{CLOCK_PROCESS_CPUTIME_ID}, clockid_t{CLOCK_THREAD_CPUTIME_ID},
        own_process_clock(), own_thread_clock()}) {
    noted = {};
    const int timer = make_timer(clock);
    ASSERT_GE(timer, 0) << clock;
    const int64_t begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    ASSERT_EQ(set_timer(timer, 100 * kMs, 0), 0);
    sleep_ms(130);
    EXPECT_EQ(noted.count, 0) << clock;
    const int64_t left = to_ns(get_timer(timer).it_value);
    EXPECT_GT(left, 20 * kMs);
    EXPECT_LE(left, 100 * kMs);
    while (noted.count == 0 &&
           now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin < 2'000 * kMs) {
      burn(2 * kMs);
    }
    EXPECT_EQ(noted.count, 1) << clock;
    EXPECT_GE(now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin, 99 * kMs);
    EXPECT_EQ(noted.info.si_code, SI_TIMER);
    EXPECT_EQ(noted.info.si_value.sival_int, 77);
    EXPECT_EQ(to_ns(get_timer(timer).it_value), 0);
    burn(20 * kMs);
    EXPECT_EQ(noted.count, 1) << "it ran out once";
    delete_timer(timer);
  }
}

TEST_F(CpuTimer, IntervalRepeats) {
  handle(SIGUSR1, note);
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 20 * kMs, 20 * kMs), 0);
  burn(170 * kMs);
  EXPECT_GE(noted.count, 4);
  const itimerspec now = get_timer(timer);
  EXPECT_EQ(to_ns(now.it_interval), 20 * kMs);
  EXPECT_LE(to_ns(now.it_value), 20 * kMs);
  itimerspec old{};
  ASSERT_EQ(set_timer(timer, 0, 0, 0, &old), 0);
  EXPECT_EQ(to_ns(old.it_interval), 20 * kMs);
  const int then = noted.count;
  burn(60 * kMs);
  EXPECT_EQ(noted.count, then);
  delete_timer(timer);
}

TEST_F(CpuTimer, CountsWhatItMissed) {
  handle(SIGUSR1, note);
  block({SIGUSR1});
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 10 * kMs, 10 * kMs), 0);
  burn(210 * kMs);
  unblock({SIGUSR1});
  ASSERT_GE(noted.count, 1);
  EXPECT_GE(noted.info.si_overrun + noted.count, 10);
  delete_timer(timer);
}

TEST_F(CpuTimer, AbsoluteTimes) {
  handle(SIGUSR1, note);
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  const int64_t until = now_ns(CLOCK_PROCESS_CPUTIME_ID) + 60 * kMs;
  ASSERT_EQ(set_timer(timer, until, 0, TIMER_ABSTIME), 0);
  for (int i = 0; i < 500 && noted.count == 0; ++i) burn(2 * kMs);
  EXPECT_EQ(noted.count, 1);
  EXPECT_GE(now_ns(CLOCK_PROCESS_CPUTIME_ID), until);
  // One that has passed: at once, without any more work to speak of.
  ASSERT_EQ(set_timer(timer, 1, 0, TIMER_ABSTIME), 0);
  EXPECT_TRUE(wait_until([] { return noted.count == 2; }));
  delete_timer(timer);
}

TEST_F(CpuTimer, OfAThreadDoesNotCountOthers) {
  handle(SIGUSR1, note);
  const int timer = make_timer(CLOCK_THREAD_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 100 * kMs, 0), 0);
  std::thread([] { burn(200 * kMs, CLOCK_THREAD_CPUTIME_ID); }).join();
  EXPECT_EQ(noted.count, 0);
  for (int i = 0; i < 500 && noted.count == 0; ++i) burn(2 * kMs);
  EXPECT_EQ(noted.count, 1);
  delete_timer(timer);
}

TEST_F(CpuTimer, OfAProcessCountsAllThreads) {
  handle(SIGUSR1, note);
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 100 * kMs, 0), 0);
  std::thread([] { burn(200 * kMs, CLOCK_THREAD_CPUTIME_ID); }).join();
  EXPECT_EQ(noted.count, 1);
  delete_timer(timer);
}

// Another process's time, until it has gone.
TEST_F(CpuTimer, OfAnotherProcess) {
  handle(SIGUSR1, note);
  const pid_t child = start_child([] {
    burn(60 * kMs);
    for (;;) pause();
    return 0;
  });
  clockid_t clock;
  ASSERT_EQ(clock_getcpuclockid(child, &clock), 0);
  const int timer = make_timer(clock);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 30 * kMs, 0), 0);
  for (int i = 0; i < 3000 && noted.count == 0; ++i) sleep_ms(2);
  EXPECT_EQ(noted.count, 1);
  EXPECT_GE(now_ns(clock), 30 * kMs);
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(set_timer(timer, 30 * kMs, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(to_ns(get_timer(timer).it_value), 0);
  delete_timer(timer);
  EXPECT_EQ(make_timer(clock), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(CpuTimer, SaysNothing) {
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_NONE);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 10'000 * kMs, 0), 0);
  burn(20 * kMs);
  const int64_t left = to_ns(get_timer(timer).it_value);
  EXPECT_LE(left, 9'990 * kMs);
  EXPECT_GT(left, 5'000 * kMs);
  delete_timer(timer);
}

TEST_F(CpuTimer, IsNotInheritedByFork) {
  handle(SIGUSR1, note);
  const int timer = make_timer(CLOCK_PROCESS_CPUTIME_ID);
  ASSERT_GE(timer, 0);
  ASSERT_EQ(set_timer(timer, 5'000 * kMs, 0), 0);
  EXPECT_EQ(run_child([timer] {
              itimerspec time;
              CHILD_CHECK(syscall(SYS_timer_gettime, timer, &time) == -1);
              CHILD_CHECK(errno == EINVAL);
              burn(30 * kMs);
              return noted.count;
            }),
            0);
  delete_timer(timer);
}

TEST_F(CpuTimer, Refusals) {
  // A thread of another process, a process by a thread's number, nobody, and a
  // clock that counts nothing.
  const auto number = [](pid_t pid, unsigned low) {
    return static_cast<clockid_t>(~static_cast<unsigned>(pid) << 3 | low);
  };
  for (const clockid_t clock :
       {number(getppid(), 6), number(4'000'000, 2), number(4'000'000, 6),
        number(0, 7), clockid_t{99}}) {
    EXPECT_EQ(make_timer(clock), -1) << clock;
    EXPECT_EQ(errno, EINVAL) << clock;
    timespec time{0, 1000};
    EXPECT_EQ(syscall(SYS_clock_nanosleep, clock, 0, &time, nullptr), -1)
        << clock;
    EXPECT_EQ(errno, EINVAL) << clock;
  }
  for (const clockid_t clock :
       {CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
        // That of a descriptor.
        number(0, 3)}) {
    EXPECT_EQ(make_timer(clock), -1) << clock;
    EXPECT_EQ(errno, EOPNOTSUPP) << clock;
  }
  int timer;
  EXPECT_EQ(syscall(SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID, 8, &timer), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(
      syscall(SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID, nullptr, nullptr),
      -1);
  EXPECT_EQ(errno, EFAULT);
}

// ---- sleeping

TEST_F(CpuTimer, SleepsWhileOthersWork) {
  for (const bool absolute : {false, true}) {
    std::thread worker([] { burn(300 * kMs, CLOCK_THREAD_CPUTIME_ID); });
    const int64_t begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    const timespec time = to_time((absolute ? begin : 0) + 60 * kMs);
    EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID,
                              absolute ? TIMER_ABSTIME : 0, &time, nullptr),
              0);
    const int64_t slept = now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin;
    EXPECT_GE(slept, 60 * kMs);
    EXPECT_LT(slept, 290 * kMs);
    worker.join();
  }
  const timespec past{0, 1};
  EXPECT_EQ(
      clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &past, nullptr),
      0);
}

TEST_F(CpuTimer, SleepTellsTheRest) {
  handle(SIGUSR1, note);
  const pid_t parent = getpid();
  const pid_t child = start_child([parent] {
    sleep_ms(40);
    kill(parent, SIGUSR1);
    return 0;
  });
  const timespec time{5, 0};
  timespec rest{};
  EXPECT_EQ(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, &rest), EINTR);
  EXPECT_GT(to_ns(rest), 4'000 * kMs);
  EXPECT_LE(to_ns(rest), 5'000 * kMs);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(CpuTimer, SleepRefusals) {
  timespec time{0, 1000};
  // It would never end.
  EXPECT_EQ(syscall(SYS_clock_nanosleep, own_thread_clock(), 0, &time, nullptr),
            -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(
      syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, nullptr),
      -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
  time = {0, 1'000'000'000};
  EXPECT_EQ(
      syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &time, nullptr),
      -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(
      syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, 8, nullptr),
      -1);
  EXPECT_EQ(errno, EFAULT);
}

// ---- RLIMIT_CPU

int limit_cpu(rlim_t soft, rlim_t hard) {
  const rlimit limit{soft, hard};
  return setrlimit(RLIMIT_CPU, &limit);
}

TEST_F(CpuTimer, SoftLimitEndsAProgram) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(limit_cpu(1, RLIM_INFINITY) == 0);
              const int64_t begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
              CHILD_CHECK(begin < 900 * kMs);
              burn(800 * kMs - begin);
              burn(2'000 * kMs);
              return 0;
            }),
            -SIGXCPU);
}

TEST_F(CpuTimer, HardLimitEndsItInAnyCase) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(set_action(SIGXCPU, SIG_IGN) == 0);
              CHILD_CHECK(limit_cpu(1, 2) == 0);
              burn(4'000 * kMs);
              return 0;
            }),
            -SIGKILL);
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(limit_cpu(1, 1) == 0);
              burn(3'000 * kMs);
              return 0;
            }),
            -SIGKILL);
}

// Each second anew, and the limit grows with it.
TEST_F(CpuTimer, SoftLimitTellsEachSecond) {
  EXPECT_EQ(run_child([] {
              handle(SIGXCPU, note);
              CHILD_CHECK(limit_cpu(1, 100) == 0);
              while (noted.count == 0) burn(5 * kMs);
              rlimit limit{};
              CHILD_CHECK(getrlimit(RLIMIT_CPU, &limit) == 0);
              CHILD_CHECK(limit.rlim_cur == 2 && limit.rlim_max == 100);
              const int64_t first = now_ns(CLOCK_PROCESS_CPUTIME_ID);
              CHILD_CHECK(first >= 900 * kMs && first < 1'500 * kMs);
              while (noted.count == 1) burn(5 * kMs);
              CHILD_CHECK(now_ns(CLOCK_PROCESS_CPUTIME_ID) >= 1'900 * kMs);
              return 0;
            }),
            0);
}

// A child has the limit, and its own time.
TEST_F(CpuTimer, LimitIsInherited) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(limit_cpu(1, RLIM_INFINITY) == 0);
              burn(500 * kMs);
              CHILD_CHECK(run_child([] {
                            burn(700 * kMs);
                            return 0;
                          }) == 0);
              CHILD_CHECK(run_child([] {
                            for (volatile int i = 0;; i = i + 1) {
                            }
                            return 0;
                          }) == -SIGXCPU);
              return 0;
            }),
            0);
}

TEST_F(CpuTimer, LimitAndTimersTogether) {
  EXPECT_EQ(run_child([] {
              handle(SIGXCPU, note);
              static volatile int ticks;
              set_action(SIGPROF, [](int) { ticks = ticks + 1; });
              static volatile int virtual_ticks;
              set_action(SIGVTALRM,
                         [](int) { virtual_ticks = virtual_ticks + 1; });
              CHILD_CHECK(limit_cpu(1, RLIM_INFINITY) == 0);
              const itimerval often{{0, 50'000}, {0, 50'000}};
              CHILD_CHECK(setitimer(ITIMER_PROF, &often, nullptr) == 0);
              CHILD_CHECK(setitimer(ITIMER_VIRTUAL, &often, nullptr) == 0);
              while (noted.count == 0) burn(5 * kMs);
              CHILD_CHECK(ticks >= 5);
              CHILD_CHECK(virtual_ticks >= 1);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
