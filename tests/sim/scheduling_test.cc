// Who runs next: priorities and turns, where slices end anywhere and late. The
// checks of the run queue itself are those of every step (kernel_digest.h).
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

INSTANTIATE_TEST_SUITE_P(Seeds, Scheduling, testing::Values(1, 2, 3));

}  // namespace
}  // namespace tine
