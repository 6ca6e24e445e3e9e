// The one lock of the kernel (A17): taken at every entry, released on the way
// out. Under it the code may look at and change all kernel state of all CPUs.
// With one CPU running, having interrupts off is the lock.
#ifndef KERNEL_KERNEL_LOCK_H_
#define KERNEL_KERNEL_LOCK_H_

#include "kernel/base/spinlock.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

inline constinit Spinlock kernel_lock;

inline void lock_kernel() {
  if constexpr (kRunningCpus > 1) kernel_lock.lock();
}
inline void unlock_kernel() {
  if constexpr (kRunningCpus > 1) kernel_lock.unlock();
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
