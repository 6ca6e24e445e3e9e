// Who gets how much of the CPU, and who runs before whom: nice values,
// real-time priorities, and what a child starts with. Everything here shares
// one CPU. feature-map: 66
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

using Ns = int64_t;
constexpr Ns kMs = 1'000'000;

Ns read_clock(clockid_t clock) {
  timespec now{};
  EXPECT_EQ(clock_gettime(clock, &now), 0);
  return now.tv_sec * Ns{1'000'000'000} + now.tv_nsec;
}

Ns cpu_time_of(pid_t pid) {
  clockid_t clock{};
  EXPECT_EQ(clock_getcpuclockid(pid, &clock), 0);
  return read_clock(clock);
}

void sleep_for(Ns ns) {
  timespec rest{ns / 1'000'000'000, ns % 1'000'000'000};
  while (nanosleep(&rest, &rest) != 0) {
  }
}

// Until this thread itself has run for so long.
void compute_for(Ns ns) {
  const Ns end = read_clock(CLOCK_THREAD_CPUTIME_ID) + ns;
  while (read_clock(CLOCK_THREAD_CPUTIME_ID) < end) {
  }
}

int set_policy(int policy, int priority = 0) {
  const sched_param wanted{priority};
  return sched_setscheduler(0, policy, &wanted);
}

// On Linux they would spread over the CPUs.
class Share : public testing::Test {
 protected:
  void SetUp() override {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &all)) ++cpu;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  }
};

class RealTime : public Share {
 protected:
  void SetUp() override {
    Share::SetUp();
    if (set_policy(SCHED_FIFO, 1) != 0) {
      GTEST_SKIP() << "no right to real-time policies";
    }
    ASSERT_EQ(set_policy(SCHED_OTHER), 0);
  }
};

// The CPU times that such children get, each computing for ever, while this
// process waits.
template <typename Prepare>
std::vector<Ns> shares(const std::vector<int>& kinds, Prepare prepare,
                       Ns time = 1200 * kMs) {
  std::vector<pid_t> children;
  for (const int kind : kinds) {
    children.push_back(start_child([&]() -> int {
      CHILD_CHECK(prepare(kind) == 0);
      for (;;) {
      }
    }));
  }
  // They all are what they are to be by now, the least of them, too.
  sleep_for(200 * kMs);
  std::vector<Ns> times;
  for (const pid_t child : children) times.push_back(-cpu_time_of(child));
  sleep_for(time);
  for (size_t i = 0; i < children.size(); ++i) {
    times[i] += cpu_time_of(children[i]);
    EXPECT_EQ(kill(children[i], SIGKILL), 0);
    EXPECT_EQ(wait_for(children[i]), -SIGKILL);
  }
  return times;
}

double ratio(Ns a, Ns b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

int set_nice(int nice) { return setpriority(PRIO_PROCESS, 0, nice); }

TEST_F(Share, IsEqualAmongEquals) {
  const auto times = shares({0, 0, 0}, set_nice);
  for (const Ns time : times) {
    EXPECT_GT(ratio(time, times[0]), 0.6);
    EXPECT_LT(ratio(time, times[0]), 1.7);
  }
}

// A factor of 1.25 for each step: 3.05 for five.
TEST_F(Share, OfANicerProcessIsSmaller) {
  const auto times = shares({0, 5}, set_nice);
  EXPECT_GT(ratio(times[0], times[1]), 2);
  EXPECT_LT(ratio(times[0], times[1]), 4.5);
}

TEST_F(Share, DependsOnTheDifferenceAlone) {
  const auto times = shares({0, 5, 10}, set_nice, 2000 * kMs);
  for (const size_t i : {0u, 1u}) {
    EXPECT_GT(ratio(times[i], times[i + 1]), 2) << i;
    EXPECT_LT(ratio(times[i], times[i + 1]), 4.5) << i;
  }
}

TEST_F(Share, OfTheNicestIsSmallButNotNothing) {
  const auto times = shares({0, 19}, set_nice);
  EXPECT_GT(ratio(times[0], times[1]), 12);
  EXPECT_GT(times[1], 0);
}

TEST_F(Share, ChangesWhileAProcessRuns) {
  const auto set_from_outside = [](int nice) {
    const pid_t pid = getpid();
    const int set = run_child([&] {
      CHILD_CHECK(setpriority(PRIO_PROCESS, static_cast<id_t>(pid), nice) == 0);
      return 0;
    });
    return set == 0 && getpriority(PRIO_PROCESS, 0) == nice ? 0 : -1;
  };
  const auto times = shares({0, 10}, set_from_outside);
  EXPECT_GT(ratio(times[0], times[1]), 5);
  EXPECT_LT(ratio(times[0], times[1]), 16);
}

TEST_F(Share, OfBatchIsByNiceToo) {
  const auto times = shares({0, 5}, [](int nice) {
    return set_policy(SCHED_BATCH) == 0 ? set_nice(nice) : -1;
  });
  EXPECT_GT(ratio(times[0], times[1]), 2);
  EXPECT_LT(ratio(times[0], times[1]), 4.5);
}

TEST_F(Share, OfTheIdleIsWhatNobodyWants) {
  const auto prepare = [](int policy) { return set_policy(policy); };
  const auto times = shares({SCHED_OTHER, SCHED_IDLE}, prepare);
  EXPECT_GT(ratio(times[0], times[1]), 15);
  // As much as it likes, where there is nobody else.
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(set_policy(SCHED_IDLE) == 0);
              compute_for(30 * kMs);
              return 0;
            }),
            0);
}

// What happens in which order, one letter each.
class Log {
 public:
  void add(char what) {
    log_->text[__atomic_fetch_add(&log_->count, 1, __ATOMIC_SEQ_CST)] = what;
  }
  std::string text() const { return {log_->text.data(), log_->count}; }

 private:
  struct Text {
    size_t count;
    std::array<char, 64> text;
  };
  Shared<Text> log_;
};

// Runs `start` in a process of real-time priority 20, which so does what it
// does at once, and waits for its children.
template <typename Start>
int run_above(Start start) {
  return run_child([&] {
    CHILD_CHECK(set_policy(SCHED_FIFO, 20) == 0);
    start();
    int status = 0;
    while (wait(&status) > 0) CHILD_CHECK(status == 0);
    return 0;
  });
}

// A child of policy and priority that works and says when.
template <typename Work>
void start_worker(int policy, int priority, Work work) {
  const pid_t child = start_child([&] {
    work();
    return 0;
  });
  const sched_param wanted{priority};
  CHILD_CHECK(sched_setscheduler(child, policy, &wanted) == 0);
}

TEST_F(RealTime, FifoRunsUntilItYields) {
  Log log;
  EXPECT_EQ(run_above([&] {
              start_worker(SCHED_FIFO, 10, [&] {
                log.add('a');
                compute_for(40 * kMs);  // many time slices
                log.add('a');
                sched_yield();
                log.add('a');
              });
              start_worker(SCHED_FIFO, 10, [&] {
                log.add('b');
                compute_for(40 * kMs);
                log.add('b');
              });
            }),
            0);
  EXPECT_EQ(log.text(), "aabba");
}

TEST_F(RealTime, RoundRobinTakesTurns) {
  timespec interval{};
  ASSERT_EQ(run_above([&] {
              CHILD_CHECK(set_policy(SCHED_RR, 20) == 0);
              timespec own{};
              CHILD_CHECK(sched_rr_get_interval(0, &own) == 0);
              CHILD_CHECK(own.tv_sec == 0 && own.tv_nsec > 0);
              CHILD_CHECK(set_policy(SCHED_FIFO, 20) == 0);
              CHILD_CHECK(sched_rr_get_interval(0, &own) == 0);
              CHILD_CHECK(own.tv_sec == 0 && own.tv_nsec == 0);
            }),
            0);
  ASSERT_EQ(set_policy(SCHED_RR, 1), 0);
  ASSERT_EQ(sched_rr_get_interval(0, &interval), 0);
  ASSERT_EQ(set_policy(SCHED_OTHER), 0);
  Log log;
  EXPECT_EQ(run_above([&] {
              for (const char name : {'a', 'b'}) {
                start_worker(SCHED_RR, 10, [&] {
                  log.add(name);
                  compute_for(interval.tv_nsec * 3 / 2);
                  log.add(name);
                });
              }
            }),
            0);
  EXPECT_EQ(log.text(), "abab");
}

TEST_F(RealTime, HigherPrioritiesRunFirst) {
  Log log;
  EXPECT_EQ(run_above([&] {
              int priority = 1;
              for (const char name : {'a', 'b', 'c'}) {
                start_worker(SCHED_FIFO, priority, [&] {
                  log.add(name);
                  compute_for(20 * kMs);
                  log.add(name);
                });
                priority += 3;
              }
            }),
            0);
  EXPECT_EQ(log.text(), "ccbbaa");
}

TEST_F(RealTime, WhoWakesWithAHigherPriorityTakesOver) {
  Log log;
  EXPECT_EQ(run_above([&] {
              start_worker(SCHED_RR, 12, [&] {
                log.add('s');
                sleep_for(20 * kMs);
                log.add('w');
              });
              start_worker(SCHED_FIFO, 10, [&] {
                log.add('a');
                compute_for(80 * kMs);
                log.add('a');
              });
            }),
            0);
  EXPECT_EQ(log.text(), "sawa");
}

TEST_F(RealTime, OrdinaryOnesWaitForRealTime) {
  Shared<Ns> ran;
  EXPECT_EQ(run_above([&] {
              const pid_t other = start_child([]() -> int {
                for (;;) {
                }
              });
              const sched_param none{0};
              CHILD_CHECK(sched_setscheduler(other, SCHED_OTHER, &none) == 0);
              sleep_for(20 * kMs);
              const Ns before = cpu_time_of(other);
              compute_for(200 * kMs);
              *ran = cpu_time_of(other) - before;
              CHILD_CHECK(kill(other, SIGKILL) == 0);
              CHILD_CHECK(wait_for(other) == -SIGKILL);
            }),
            0);
  EXPECT_LT(*ran, 5 * kMs);
}

TEST_F(RealTime, ChildrenStartWithTheirParentsTurn) {
  Log log;
  EXPECT_EQ(run_above([&] {
              const auto start = [&](char name) {
                start_child([&] {
                  CHILD_CHECK(sched_getscheduler(0) ==
                              (name == 'b' ? SCHED_FIFO : SCHED_OTHER));
                  log.add(name);
                  compute_for(20 * kMs);
                  log.add(name);
                  return 0;
                });
              };
              // The first is an ordinary one.
              constexpr int kResetOnFork = 0x4000'0000;
              CHILD_CHECK(set_policy(SCHED_FIFO | kResetOnFork, 20) == 0);
              start('a');
              CHILD_CHECK(set_policy(SCHED_FIFO, 20) == 0);
              start('b');
            }),
            0);
  EXPECT_EQ(log.text(), "bbaa");
}

}  // namespace
}  // namespace tine::guest
