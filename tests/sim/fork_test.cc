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

TEST_P(Fork, VforkSharesMemoryAndHoldsTheParent) {
  constexpr u64 kVforkFlags = 0x4000 | 0x100 | 17;
  System system({.command_line = GetParam()});
  system.run([](User& user) {
    user.store(kValue, 1);
    bool child_done = false;
    const i64 pid = user.spawn(
        [&](User& child) {
          child.spin(100'000);  // many time slices
          child.store(kValue, 2);
          child_done = true;
          return 4;
        },
        static_cast<u64>(Nr::kClone), {kVforkFlags});
    EXPECT_TRUE(child_done);
    EXPECT_EQ(user.load(kValue), 2u);
    EXPECT_EQ(wait4(user, pid, kStatus), pid);
    EXPECT_EQ(user.load(kStatus) & 0xffff'ffff, 4u << 8);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

TEST_P(Fork, OrphansGoToInitAndFaultsEndOnlyTheProcess) {
  System system({.command_line = GetParam()});
  system.run([](User& user) {
    user.store(kStatus, 0);
    const auto before = System::counts();
    const i64 pid = user.fork([](User& child) {
      for (int i = 0; i < 3; ++i) {
        EXPECT_GT(child.fork([](User& orphan) {
          orphan.spin(20'000);
          EXPECT_EQ(call(orphan, Nr::kGetppid), 1);
          return 6;
        }),
                  0);
      }
      child.exception(ExceptionKind::kDivide);
      ADD_FAILURE() << "went on after its fault";
      return 0;
    });
    EXPECT_EQ(wait4(user, pid, kStatus), pid);
    EXPECT_EQ(user.load(kStatus) & 0xffff'ffff, 8u);  // SIGFPE
    for (int i = 0; i < 3; ++i) {
      EXPECT_GT(wait4(user, -1, kStatus), 1);
      EXPECT_EQ(user.load(kStatus) & 0xffff'ffff, 6u << 8);
    }
    EXPECT_EQ(System::counts(), before);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

// More than fit the rings between process server and those below it.
TEST_P(Fork, ManyInARowLeaveNothing) {
  System system({.command_line = GetParam(), .check_every = 500});
  system.run([](User& user) {
    System::Counts before{};
    for (int i = 0; i < 600; ++i) {
      if (i == 10) before = System::counts();
      const i64 pid = user.fork([](User&) { return 1; });
      EXPECT_EQ(wait4(user, pid, 0), pid);
    }
    EXPECT_EQ(System::counts(), before);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

INSTANTIATE_TEST_SUITE_P(Modes, Fork, testing::Values("", "tine.fork=eager"));

}  // namespace
}  // namespace tine
