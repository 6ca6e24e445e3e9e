// The one lock of the kernel (A17): taken at every entry, released on the way
// out. Under it the code may look at and change all kernel state of all CPUs.
#ifndef KERNEL_KERNEL_LOCK_H_
#define KERNEL_KERNEL_LOCK_H_

#include "kernel/base/spinlock.h"

namespace tine {

inline constinit Spinlock kernel_lock;

class KernelLockHold {
 public:
  KernelLockHold() { kernel_lock.lock(); }
  ~KernelLockHold() { kernel_lock.unlock(); }
  KernelLockHold(const KernelLockHold&) = delete;
  KernelLockHold& operator=(const KernelLockHold&) = delete;
};

}  // namespace tine

#endif  // KERNEL_KERNEL_LOCK_H_
