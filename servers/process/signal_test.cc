// Signals, exceptions and timers; what ends process 1 ends the run.
#include <optional>

#include "servers/process/process_server_fixture.h"

namespace tine::process {
namespace {

TEST_F(ProcessServerTest, ExceptionKillsWithItsSignal) {
  const i64 pid = fork(init_);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), std::nullopt);
  const u64 waiting = system_.last_token;
  system_.exception(system_.cookie_of(pid), ExceptionKind::kIllegalInstruction);
  EXPECT_EQ(result_of(waiting), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 4);
  expect_only_init();
}

TEST_F(ProcessServerTest, InitEndsTheRun) {
  system_.call(init_, Nr::kExitGroup, {7});
  EXPECT_EQ(system_.shutdown_status, 7U);
}

TEST_F(ProcessServerTest, InitKilledByAFaultEndsTheRun) {
  system_.exception(init_, ExceptionKind::kDivide);
  EXPECT_EQ(system_.shutdown_status, 128U + 8);
}

TEST_F(ProcessServerTest, SignalsKillOrWaitOrAreIgnored) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  const u64 target = u64(pid);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 65}), -kEinval);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 17}), 0);  // SIGCHLD
  EXPECT_NE(system_.thread_of(pid), nullptr);
  // Blocked, it waits; unblocked, it kills in the call that unblocks.
  system_.poke(space_of(pid), kData, u64{1} << 14);
  EXPECT_EQ(system_.call(child, Nr::kRtSigprocmask, {0, kData, 0, 8}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {target, 15}), 0);
  EXPECT_EQ(system_.call(child, Nr::kRtSigpending, {kData + 8, 8}), 0);
  EXPECT_EQ(system_.peek<u64>(space_of(pid), kData + 8), u64{1} << 14);
  EXPECT_EQ(system_.call(child, Nr::kRtSigprocmask, {1, kData, 0, 8}),
            std::nullopt);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {target, kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 15);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {1, 9}), 0);  // not from inside
  expect_only_init();
}

TEST_F(ProcessServerTest, KillAllEndsChainsWithoutRecursion) {
  u64 last = init_;
  for (int i = 0; i < 200; ++i) {
    last = system_.cookie_of(fork(last));
  }
  EXPECT_EQ(system_.call(init_, Nr::kKill, {~u64{0}, 9}), 0);
  EXPECT_EQ(system_.cookies().size(), 1U);
  for (int i = 0; i < 200; ++i) {
    EXPECT_GT(system_.call(init_, Nr::kWait4, {~u64{0}}).value(), 0);
  }
  expect_only_init();
}

TEST_F(ProcessServerTest, ImmediateReapingOfIgnoredChildren) {
  system_.poke(space_of(1), kData, linux_abi::SigAction{.handler = 1});
  EXPECT_EQ(system_.call(init_, Nr::kRtSigaction, {17, kData, 0, 8}), 0);
  const i64 pid = fork(init_);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), std::nullopt);
  const u64 waiting = system_.last_token;
  system_.call(system_.cookie_of(pid), Nr::kExit, {3});
  EXPECT_EQ(result_of(waiting), -kEchild);
  expect_only_init();
}

TEST_F(ProcessServerTest, SleepersWakeInOrderOfTime) {
  const i64 pid = fork(init_);
  const u64 child = system_.cookie_of(pid);
  system_.poke(space_of(1), kData, linux_abi::Timespec{2, 0});
  system_.poke(space_of(pid), kData, linux_abi::Timespec{1, 0});
  EXPECT_EQ(system_.call(init_, Nr::kClockNanosleep, {1, 0, kData}),
            std::nullopt);
  const u64 slow = system_.last_token;
  EXPECT_EQ(system_.call(child, Nr::kClockNanosleep, {0, 0, kData}),
            std::nullopt);
  const u64 fast = system_.last_token;
  system_.now_ns += 1'000'000'000;
  system_.timer();
  EXPECT_EQ(result_of(fast), 0);
  EXPECT_FALSE(system_.answers.contains(slow));
  system_.now_ns += 1'000'000'000;
  system_.timer();
  EXPECT_EQ(result_of(slow), 0);
}

}  // namespace
}  // namespace tine::process
