// fork, copy-on-write, exit and wait through the real protocol.
#include <gtest/gtest.h>

#include "tests/sim/system.h"

namespace tine {
namespace {

constexpr u64 kValue = sim::kDataAddress;
constexpr u64 kStatus = sim::kDataAddress + 64;

class Fork : public testing::TestWithParam<const char*> {};

TEST_P(Fork, ChildAndParentSeeTheirOwnMemory) {
  System system({.command_line = GetParam()});
  const auto state = system.run([](User& user) {
    EXPECT_EQ(call(user, Nr::kGetpid), 1);
    user.store(kValue, 1);
    const i64 pid = user.fork([](User& child) {
      EXPECT_EQ(call(child, Nr::kGetppid), 1);
      EXPECT_EQ(child.load(kValue), 1u);
      child.store(kValue, 2);
      EXPECT_EQ(child.load(kValue), 2u);
      return 42;
    });
    EXPECT_GT(pid, 1);
    user.store(kValue, 3);
    EXPECT_EQ(wait4(user, pid, kStatus), pid);
    EXPECT_EQ(user.load(kStatus) & 0xffff'ffff, 42u << 8);
    EXPECT_EQ(user.load(kValue), 3u);
    EXPECT_EQ(wait4(user, -1, 0), -10);  // ECHILD
    return 7;
  });
  EXPECT_EQ(state, sim::RunState::kOff) << system.log();
  EXPECT_EQ(system.status(), 7u) << system.log();
}

INSTANTIATE_TEST_SUITE_P(Modes, Fork, testing::Values("", "tine.fork=eager"));

}  // namespace
}  // namespace tine
