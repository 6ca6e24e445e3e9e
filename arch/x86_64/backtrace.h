// Where a backtrace of the kernel begins, and where its stacks lie.
#ifndef ARCH_X86_64_BACKTRACE_H_
#define ARCH_X86_64_BACKTRACE_H_

#include "arch/hw/trap_frame.h"
#include "kernel/base/types.h"

namespace tine::hw {

inline u64 frame_pointer() {
  return reinterpret_cast<u64>(__builtin_frame_address(0));
}

// Of the code that an exception interrupted.
inline u64 frame_pointer(const TrapFrame& interrupted) {
  return interrupted.rbp;
}

// All kernel stacks, guard pages between them included.
struct KernelStacks {
  u64 begin;
  u64 end;
};
inline KernelStacks kernel_stacks() {
  extern u64 stacks_begin[] asm("kernel_stacks_begin");
  extern u64 stacks_end[] asm("kernel_stacks_end");
  return {reinterpret_cast<u64>(stacks_begin),
          reinterpret_cast<u64>(stacks_end)};
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_BACKTRACE_H_
