// Calls that wait, and what ends them.
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/raise.h"
#include "servers/protocol/vfs.h"
#include "servers/vfs/fake_system.h"
#include "servers/vfs/test_tree.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

class WaitingTest : public testing::Test {
 protected:
  WaitingTest() : system(make_archive(tree())) {
    system.record(RingOp::kFilesNew, kTask);
    for (u64 page = kBuffer >> 12; page < (kBuffer >> 12) + 4; ++page) {
      system.user().populate(page);
    }
  }
  i64 read(u64 fd, u64 bytes) {
    return system.call(kTask, Nr::kRead, fd, kBuffer, bytes);
  }
  i64 close(u64 fd) { return system.call(kTask, Nr::kClose, fd); }
  FakeSystem system;
};

// A signal ends a wait: the thread goes to the process server, and what comes
// later is for others.
TEST_F(WaitingTest, InterruptedCallsLeaveTheirQueues) {
  const auto interrupt = [&] {
    return static_cast<i64>(
        system.request(static_cast<u64>(VfsLabel::kInterrupt), kTask, 0, 0, 0)
            .words[0]);
  };
  EXPECT_EQ(interrupt(), -ESRCH);
  ASSERT_EQ(system.call(kTask, Nr::kPipe2, kBuffer, 0), 0);
  EXPECT_EQ(read(3, 10), kWithheld);
  const u64 waiting = system.token();
  EXPECT_EQ(interrupt(), 0);
  EXPECT_EQ(system.replies[waiting], static_cast<i64>(kRaiseInterrupted));
  EXPECT_EQ(interrupt(), -ESRCH);
  EXPECT_EQ(system.call(kTask, Nr::kWrite, 4, kBuffer, 3), 3);
  EXPECT_EQ(read(3, 10), 3);
}

// The last writer's end wakes a reader, in whatever way it ends.
TEST_F(WaitingTest, PipesEndWithTheirWriters) {
  ASSERT_EQ(system.call(kTask, Nr::kPipe2, kBuffer, 0), 0);
  system.record(RingOp::kFilesDup, kTask, kChild);
  EXPECT_EQ(close(4), 0);
  EXPECT_EQ(read(3, 10), kWithheld);
  const u64 waiting = system.token();
  system.record(RingOp::kFilesDrop, kChild);
  system.notify(kNewsRing);
  ASSERT_EQ(system.replies.count(waiting), 1u);
  EXPECT_EQ(system.replies[waiting], 0);
  EXPECT_EQ(close(3), 0);
  EXPECT_EQ(system.server().pipes().pipes.live(), 0u);
  EXPECT_EQ(system.server().pipes().pool.live(), 0u);
}

// The last of many that wait at once is reached, a bounded number at a time.
TEST_F(WaitingTest, ManyAwakeInTurns) {
  constexpr u64 kReaders = 40;
  ASSERT_EQ(system.call(kTask, Nr::kPipe2, kBuffer, 0), 0);
  std::vector<u64> tokens;
  for (u64 i = 1; i <= kReaders; ++i) {
    system.record(RingOp::kFilesDup, kTask, kTask + i);
    EXPECT_EQ(system.call(kTask + i, Nr::kRead, 3, kBuffer, 1), kWithheld);
    tokens.push_back(system.token());
  }
  // Each has the writing end, too: they end with a byte each.
  for (u64 i = 0; i < kReaders; ++i) {
    EXPECT_EQ(system.call(kTask, Nr::kWrite, 4, kBuffer, 1), 1);
    for (int turn = 0; turn < 5; ++turn) system.notify(u64{1} << 32);
  }
  for (const u64 token : tokens) EXPECT_EQ(system.replies[token], 1);
}

}  // namespace
}  // namespace tine::vfs
