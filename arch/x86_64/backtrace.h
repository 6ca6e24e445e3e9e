// Return addresses on a kernel stack, by frame pointers.
#ifndef ARCH_X86_64_BACKTRACE_H_
#define ARCH_X86_64_BACKTRACE_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/trap_frame_offsets.h"
#include "kernel/base/types.h"

namespace tine::hw {

inline u64 frame_pointer() {
  return reinterpret_cast<u64>(__builtin_frame_address(0));
}

// Of the code that an exception interrupted.
inline u64 frame_pointer(const TrapFrame& interrupted) {
  return interrupted.rbp;
}

// Calls visit(u64 return_address), innermost first. Stacks lie in the kernel
// image, so anything else ends the walk: a panic must not fault.
template <typename Visit>
void walk_frames(u64 frame, Visit visit) {
  constexpr unsigned kMaxFrames = 32;
  for (unsigned i = 0; i < kMaxFrames; ++i) {
    extern u64 stacks_begin[] asm("kernel_stacks_begin");
    extern u64 stacks_end[] asm("kernel_stacks_end");
    if (frame < reinterpret_cast<u64>(stacks_begin) ||
        frame > reinterpret_cast<u64>(stacks_end) - 16 || frame % 8 != 0) {
      return;
    }
    const u64* link = reinterpret_cast<const u64*>(frame);
    if (link[1] < KERNEL_BASE) return;
    visit(link[1]);
    if (link[0] <= frame) return;  // stacks grow down
    frame = link[0];
  }
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_BACKTRACE_H_
