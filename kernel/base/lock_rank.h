// The order in which a CPU takes locks (A17): by rising rank, so that no two
// CPUs can wait for each other.
#ifndef KERNEL_BASE_LOCK_RANK_H_
#define KERNEL_BASE_LOCK_RANK_H_

#include "kernel/base/check.h"
#include "kernel/base/types.h"

namespace tine {

// Ranks are checked in the simulator, and in kernels that are built with
// --copt=-DTINE_CHECK_LOCKS.
#ifdef TINE_CHECK_LOCKS
inline constexpr bool kChecksLockRanks = true;
#else
inline constexpr bool kChecksLockRanks = __STDC_HOSTED__ == 1;
#endif

// A lock that comes later in the order has the higher number; below 32.
enum class LockRank : u8 {
  kKernel = 8,  // kernel/kernel_lock.h
};

// The ranks of the locks that one CPU holds. A lock out of order stops the
// kernel.
class HeldLocks {
 public:
  void add(LockRank rank) {
    check(held_ >> static_cast<u8>(rank) == 0);
    held_ |= bit(rank);
  }
  void remove(LockRank rank) {
    check((held_ & bit(rank)) != 0);
    held_ &= ~bit(rank);
  }

 private:
  static constexpr u32 bit(LockRank rank) {
    return u32{1} << static_cast<u8>(rank);
  }

  u32 held_ = 0;
};

}  // namespace tine

#endif  // KERNEL_BASE_LOCK_RANK_H_
