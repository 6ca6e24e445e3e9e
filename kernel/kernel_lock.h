// The one lock of the kernel (A17): taken at every entry, released on the way
// out. Under it the code may look at and change all kernel state of all CPUs.
// With one CPU running, having interrupts off is the lock.
//
// The order of locks (LockRank): this one is the first that a CPU takes, and so
// far the only one. Finer locks get higher ranks, spaces before endpoints,
// before this one goes.
#ifndef KERNEL_KERNEL_LOCK_H_
#define KERNEL_KERNEL_LOCK_H_

#include "arch/hw/cpu.h"
#include "kernel/base/spinlock.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

inline constinit Spinlock kernel_lock{LockRank::kKernel};

// Entering twice, or leaving what was not entered, shows where ranks are
// checked even if there is nobody to lock out.
inline constexpr bool kUsesKernelLock = kRunningCpus > 1 || kChecksLockRanks;

inline void lock_kernel() {
  if constexpr (kUsesKernelLock) kernel_lock.lock(hw::this_cpu().held_locks);
}
inline void unlock_kernel() {
  if constexpr (kUsesKernelLock) kernel_lock.unlock(hw::this_cpu().held_locks);
}

class KernelLockHold {
 public:
  KernelLockHold() { lock_kernel(); }
  ~KernelLockHold() { unlock_kernel(); }
  KernelLockHold(const KernelLockHold&) = delete;
  KernelLockHold& operator=(const KernelLockHold&) = delete;
};

}  // namespace tine

#endif  // KERNEL_KERNEL_LOCK_H_
