// Who runs next: priorities, turns, and shares of the CPU, where slices end
// anywhere and late. The checks of the run queue itself are those of every step
// (kernel_digest.h).
#include <gtest/gtest.h>

#include "tests/sim/system.h"

namespace tine {
namespace {

constexpr u64 kParameter = sim::kDataAddress;
constexpr u64 kOther = 0, kFifo = 1, kRoundRobin = 2;

i64 set_policy(User& user, i64 pid, u64 policy, u64 priority) {
  user.store(kParameter, priority);
  return call(user, Nr::kSchedSetscheduler, pid, policy, kParameter);
}

void sleep_ms(User& user, u64 ms) {
  user.store(kParameter, ms / 1000);
  user.store(kParameter + 8, ms % 1000 * 1'000'000);
  EXPECT_EQ(call(user, Nr::kNanosleep, kParameter, 0), 0);
}

struct Worker {
  u64 policy;
  u64 priority;
  bool yields = false;
};

// Process 1 makes one child for each, and lets them run only then. What each
// does at its beginning and end is a letter.
std::string order_of(const std::vector<Worker>& workers, u64 seed) {
  std::string order;
  System system({.seed = seed, .check_every = 64});
  system.run([&](User& user) {
    EXPECT_EQ(set_policy(user, 0, kFifo, 50), 0);
    char name = 'a';
    for (const Worker& worker : workers) {
      const i64 pid = user.fork([&, name](User& child) {
        order += name;
        child.spin(3000);  // many time slices
        if (worker.yields) EXPECT_EQ(call(child, Nr::kSchedYield), 0);
        child.spin(3000);
        order += name;
        return 0;
      });
      EXPECT_EQ(set_policy(user, pid, worker.policy, worker.priority), 0);
      ++name;
    }
    while (wait4(user, -1, 0) > 0) {
    }
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  return order;
}

class Scheduling : public testing::TestWithParam<u64> {};

TEST_P(Scheduling, HigherPrioritiesRunToTheirEnds) {
  EXPECT_EQ(order_of({{kFifo, 1}, {kRoundRobin, 99}, {kFifo, 7}, {kOther, 0}},
                     GetParam()),
            "bbccaadd");
}

TEST_P(Scheduling, FifoKeepsItsTurnUntilItYields) {
  EXPECT_EQ(order_of({{kFifo, 5}, {kFifo, 5}}, GetParam()), "aabb");
  EXPECT_EQ(order_of({{kFifo, 5, true}, {kFifo, 5}}, GetParam()), "abba");
}

TEST_P(Scheduling, OthersTakeTurns) {
  const std::string order = order_of({{kOther, 0}, {kOther, 0}}, GetParam());
  EXPECT_EQ(order.substr(0, 2), "ab");
}

// A factor of 1.25 for each step, however late a slice's end is noticed.
TEST_P(Scheduling, SharesAreByNice) {
  constexpr u64 kNice[] = {0, 5, 10};
  u64 cpu_us[3] = {};
  System system({.seed = GetParam(), .check_every = 64});
  system.run([&](User& user) {
    EXPECT_EQ(set_policy(user, 0, kFifo, 50), 0);
    i64 pids[3];
    for (unsigned i = 0; i < 3; ++i) {
      pids[i] = user.fork([](User& child) {
        for (;;) child.spin(1000);
        return 0;
      });
      EXPECT_EQ(set_policy(user, pids[i], kOther, 0), 0);
      EXPECT_EQ(call(user, Nr::kSetpriority, 0, pids[i], kNice[i]), 0);
    }
    sleep_ms(user, 6000);
    for (unsigned i = 0; i < 3; ++i) {
      constexpr u64 kSigKill = 9;
      EXPECT_EQ(call(user, Nr::kKill, pids[i], kSigKill), 0);
      EXPECT_EQ(call(user, Nr::kWait4, pids[i], 0, 0, kParameter), pids[i]);
      // The program's own time: in a step nothing may happen or very much.
      cpu_us[i] = user.load(kParameter) * 1'000'000 + user.load(kParameter + 8);
    }
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  for (unsigned i = 0; i < 2; ++i) {
    const double ratio =
        static_cast<double>(cpu_us[i]) / static_cast<double>(cpu_us[i + 1]);
    EXPECT_GT(ratio, 2.9) << i;
    EXPECT_LT(ratio, 3.2) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Scheduling, testing::Values(1, 2, 3));

}  // namespace
}  // namespace tine
