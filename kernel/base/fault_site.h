// Fault injection: every step that can fail asks here first, so that a sweep
// can fail the k-th of them for every k and see that all is undone.
#ifndef KERNEL_BASE_FAULT_SITE_H_
#define KERNEL_BASE_FAULT_SITE_H_

#include "kernel/base/types.h"

namespace tine {

// One counter for each program that links this (the kernel, each server; in the
// simulator all of them share one).
struct FaultInjection {
  u64 passed = 0;         // sites passed since the last arm()
  u64 countdown = 0;      // 1: the next site fails; 0: none does
  const char* last = "";  // name of the site that failed last
  void arm(u64 k) {
    passed = 0;
    countdown = k;
  }
  [[nodiscard]] bool hit(const char* name) {
    ++passed;
    if (countdown == 0) [[likely]]
      return false;
    if (--countdown != 0) return false;
    last = name;
    return true;
  }
};

inline FaultInjection fault_injection;

}  // namespace tine

// True: behave as if this step had failed.
#define FAULT_SITE(name) (::tine::fault_injection.hit(name))

#endif  // KERNEL_BASE_FAULT_SITE_H_
