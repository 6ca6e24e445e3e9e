// Where a backtrace of the kernel begins (frame records: AAPCS64 6.4.6), and
// where its stacks lie.
#ifndef ARCH_AARCH64_BACKTRACE_H_
#define ARCH_AARCH64_BACKTRACE_H_

#include "arch/hw/image.h"
#include "arch/hw/trap_frame.h"

namespace tine::hw {

inline u64 frame_pointer() {
  return reinterpret_cast<u64>(__builtin_frame_address(0));
}

// Of the code that an exception interrupted.
inline u64 frame_pointer(const TrapFrame& interrupted) {
  return interrupted.x11_to_x30[29 - 11];
}

// All kernel stacks, guard pages between them included.
struct KernelStacks {
  u64 begin;
  u64 end;
};
inline KernelStacks kernel_stacks() {
  return {reinterpret_cast<u64>(stacks_begin),
          reinterpret_cast<u64>(panic_stack_top)};
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_BACKTRACE_H_
