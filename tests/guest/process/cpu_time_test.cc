// CPU time: whose it is, that it only grows, and that all calls agree on it.
// feature-map: 54
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr long kMs = 1'000'000;

long now(clockid_t clock) {
  struct timespec time{};
  EXPECT_EQ(clock_gettime(clock, &time), 0);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

long ns(const struct timeval& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_usec * 1000;
}

long cpu_of(const struct rusage& usage) {
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

long cpu_of(int who) {
  struct rusage usage{};
  EXPECT_EQ(getrusage(who, &usage), 0);
  return cpu_of(usage);
}

// Works in user mode, asking for the time seldom.
void burn(long duration) {
  const long begin = now(CLOCK_PROCESS_CPUTIME_ID);
  while (now(CLOCK_PROCESS_CPUTIME_ID) - begin < duration) {
    for (volatile int i = 0; i < 20'000; i = i + 1) {
    }
  }
}

void sleep_for(long duration) {
  const struct timespec time{0, duration};
  EXPECT_EQ(nanosleep(&time, nullptr), 0);
}

TEST(CpuTime, PassesWithWorkAndNotWithSleep) {
  const long before = now(CLOCK_PROCESS_CPUTIME_ID);
  const long real = now(CLOCK_MONOTONIC);
  sleep_for(200 * kMs);
  const long slept = now(CLOCK_PROCESS_CPUTIME_ID) - before;
  EXPECT_GE(slept, 0);
  EXPECT_LT(slept, 150 * kMs);
  EXPECT_GE(now(CLOCK_MONOTONIC) - real, 200 * kMs);
  burn(50 * kMs);
  EXPECT_GE(now(CLOCK_PROCESS_CPUTIME_ID) - before, 50 * kMs);
  EXPECT_GE(now(CLOCK_MONOTONIC) - real, 250 * kMs);
}

TEST(CpuTime, OnlyGrows) {
  long process = 0;
  long thread = 0;
  long usage = 0;
  for (int i = 0; i < 300; ++i) {
    const long next_thread = now(CLOCK_THREAD_CPUTIME_ID);
    const long next_process = now(CLOCK_PROCESS_CPUTIME_ID);
    const long next_usage = cpu_of(RUSAGE_SELF);
    EXPECT_GE(next_thread, thread);
    EXPECT_GE(next_process, process);
    EXPECT_GE(next_usage, usage);
    EXPECT_LE(next_thread, next_process);
    thread = next_thread;
    process = next_process;
    usage = next_usage;
  }
}

TEST(CpuTime, UsageAndTimesAgreeWithTheClock) {
  burn(60 * kMs);
  const long low = now(CLOCK_PROCESS_CPUTIME_ID);
  const long usage = cpu_of(RUSAGE_SELF);
  struct tms times_now{};
  EXPECT_NE(times(&times_now), clock_t{-1});
  const long high = now(CLOCK_PROCESS_CPUTIME_ID);
  constexpr long kSlack = 30 * kMs;  // a tick for each of two, and rounding
  EXPECT_GE(usage, low - kSlack);
  EXPECT_LE(usage, high + kSlack);
  const long ticks = times_now.tms_utime + times_now.tms_stime;
  const long tick = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  EXPECT_GE(ticks * tick, low - kSlack);
  EXPECT_LE(ticks * tick, high + kSlack);
}

TEST(CpuTime, WorkIsMostlyUserTime) {
  const pid_t child = start_child([] {
    const long end = now(CLOCK_MONOTONIC) + 200 * kMs;
    do {
      for (volatile int i = 0; i < 200'000; i = i + 1) {
      }
    } while (now(CLOCK_MONOTONIC) < end);
    return 0;
  });
  struct rusage usage{};
  int status;
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_GT(ns(usage.ru_utime), ns(usage.ru_stime));
}

TEST(CpuTime, CallsAreSystemTime) {
  const pid_t child = start_child([] {
    const long end = now(CLOCK_MONOTONIC) + 300 * kMs;
    do {
      for (int i = 0; i < 1000; ++i) (void)getppid();
    } while (now(CLOCK_MONOTONIC) < end);
    return 0;
  });
  struct rusage usage{};
  int status;
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_GT(ns(usage.ru_stime), 0);
}

TEST(CpuTime, ChildBeginsAtZeroAndIsAddedWhenWaitedFor) {
  burn(40 * kMs);
  const long before = cpu_of(RUSAGE_CHILDREN);
  const pid_t child = start_child([] {
    const bool fresh = now(CLOCK_PROCESS_CPUTIME_ID) < 40 * kMs &&
                       cpu_of(RUSAGE_CHILDREN) == 0;
    burn(60 * kMs);
    return fresh ? 0 : 1;
  });
  sleep_for(1 * kMs);
  EXPECT_EQ(cpu_of(RUSAGE_CHILDREN), before) << "not waited for yet";
  struct rusage usage{};
  int status;
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  EXPECT_GE(cpu_of(usage), 55 * kMs);
  EXPECT_GE(cpu_of(RUSAGE_CHILDREN) - before, 55 * kMs);
  struct tms times_now{};
  (void)times(&times_now);
  const long tick = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  EXPECT_GE((times_now.tms_cutime + times_now.tms_cstime) * tick, 35 * kMs);
}

TEST(CpuTime, ClocksOfOthersHaveNumbers) {
  clockid_t clock;
  ASSERT_EQ(clock_getcpuclockid(0, &clock), 0);
  EXPECT_GE(now(clock), 0);
  ASSERT_EQ(clock_getcpuclockid(getpid(), &clock), 0);
  const long own = now(CLOCK_PROCESS_CPUTIME_ID);
  const long by_number = now(clock);
  EXPECT_GE(by_number, own);
  EXPECT_LE(by_number, now(CLOCK_PROCESS_CPUTIME_ID));
  struct timespec time;
  // No process has this number.
  const auto nobody = static_cast<clockid_t>(~4'000'000u << 3 | 2);
  EXPECT_EQ(clock_gettime(nobody, &time), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(RealTime, IsThatOfTheCalendar) {
  // 2024-01-01 and 2100-01-01.
  EXPECT_GT(now(CLOCK_REALTIME) / 1'000'000'000, 1'704'067'200);
  EXPECT_LT(now(CLOCK_REALTIME) / 1'000'000'000, 4'102'444'800);
  const time_t seconds = time(nullptr);
  EXPECT_LE(seconds, now(CLOCK_REALTIME) / 1'000'000'000);
  EXPECT_GE(seconds + 2, now(CLOCK_REALTIME) / 1'000'000'000);
}

}  // namespace
}  // namespace tine::guest
