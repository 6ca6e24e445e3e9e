// A lock that is spun on: held for short, with interrupts off.
#ifndef KERNEL_BASE_SPINLOCK_H_
#define KERNEL_BASE_SPINLOCK_H_

#include "kernel/base/lock_rank.h"
#include "kernel/base/types.h"

namespace tine {

// First come, first served, so that no CPU starves. Not recursive.
class Spinlock {
 public:
  constexpr explicit Spinlock(LockRank rank) : rank_(rank) {}
  Spinlock(const Spinlock&) = delete;
  Spinlock& operator=(const Spinlock&) = delete;

  // `held` is the calling CPU's.
  void lock(HeldLocks& held) {
    // Before spinning, which out of order might have no end.
    if constexpr (kChecksLockRanks) held.add(rank_);
    // The ticket orders nothing; what the last holder wrote becomes visible
    // with the acquire load that sees its release store.
    const u32 ticket = __atomic_fetch_add(&next_, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&serving_, __ATOMIC_ACQUIRE) != ticket) {
    }
  }
  void unlock(HeldLocks& held) {
    if constexpr (kChecksLockRanks) held.remove(rank_);
    // Only the holder writes `serving_`.
    __atomic_store_n(&serving_, serving_ + 1, __ATOMIC_RELEASE);
  }

 private:
  u32 next_ = 0;
  u32 serving_ = 0;
  LockRank rank_;
};

}  // namespace tine

#endif  // KERNEL_BASE_SPINLOCK_H_
