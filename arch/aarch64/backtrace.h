// Walks the chain of frame records on the kernel's stack (AAPCS64 6.4.6).
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

// Calls `visit(return_address)` from the innermost frame outwards. The
// outermost record holds the user's x29: nothing outside the kernel's stacks is
// followed.
template <typename F>
void walk_frames(u64 frame, F visit) {
  const u64 begin = reinterpret_cast<u64>(stacks_begin);
  const u64 end = reinterpret_cast<u64>(panic_stack_top);
  constexpr unsigned kMaxFrames = 64;
  for (unsigned count = 0; count < kMaxFrames; ++count) {
    if (frame < begin || frame >= end || frame % 16 != 0) return;
    const u64* record = reinterpret_cast<const u64*>(frame);
    visit(record[1]);
    if (record[0] <= frame) return;
    frame = record[0];
  }
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_BACKTRACE_H_
