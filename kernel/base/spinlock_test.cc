// Locks are taken by rising rank, or not at all.
#include "kernel/base/spinlock.h"

#include <gtest/gtest.h>

namespace tine {
namespace {

static_assert(kChecksLockRanks);

constexpr auto kOuter = LockRank::kKernel;
constexpr auto kInner = LockRank{static_cast<u8>(LockRank::kKernel) + 1};

class SpinlockDeathTest : public testing::Test {
 protected:
  Spinlock outer_{kOuter};
  Spinlock inner_{kInner};
  Spinlock inner_too_{kInner};
  HeldLocks held_;
};

TEST_F(SpinlockDeathTest, RisingRanksAreInOrder) {
  for (int round = 0; round < 3; ++round) {
    outer_.lock(held_);
    inner_.lock(held_);
    inner_.unlock(held_);
    inner_too_.lock(held_);
    // Released in any order.
    outer_.unlock(held_);
    inner_too_.unlock(held_);
  }
}

TEST_F(SpinlockDeathTest, AnotherCpusLocksDoNotMatter) {
  HeldLocks other;
  inner_.lock(other);
  outer_.lock(held_);
  inner_.unlock(other);
  outer_.unlock(held_);
}

TEST_F(SpinlockDeathTest, FallingRankStops) {
  inner_.lock(held_);
  EXPECT_DEATH(outer_.lock(held_), "");
  inner_.unlock(held_);
}

TEST_F(SpinlockDeathTest, TwoOfOneRankStop) {
  inner_.lock(held_);
  EXPECT_DEATH(inner_too_.lock(held_), "");
  // Spinning on it would have no end.
  EXPECT_DEATH(inner_.lock(held_), "");
  inner_.unlock(held_);
}

TEST_F(SpinlockDeathTest, UnlockOfWhatIsNotHeldStops) {
  EXPECT_DEATH(outer_.unlock(held_), "");
  outer_.lock(held_);
  EXPECT_DEATH(inner_.unlock(held_), "");
  outer_.unlock(held_);
}

}  // namespace
}  // namespace tine
