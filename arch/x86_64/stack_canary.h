// A word below the kernel stack's end: an overflow that steps over the guard
// page, or comes close to it, is seen at the next trap.
#ifndef ARCH_X86_64_STACK_CANARY_H_
#define ARCH_X86_64_STACK_CANARY_H_

#include "kernel/base/types.h"
#include "kernel/trap.h"

namespace tine::hw {

inline constexpr u64 kStackCanary = 0x5afe'57ac'c0de'ca4a;
extern "C" u64 kernel_stacks_begin[];

inline void stack_canary_set() { kernel_stacks_begin[0] = kStackCanary; }

inline void stack_canary_check() {
  if (kernel_stacks_begin[0] != kStackCanary) panic("kernel stack overflow");
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_STACK_CANARY_H_
