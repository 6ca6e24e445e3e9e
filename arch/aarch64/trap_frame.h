// The user's general registers, saved by entry.S and restored from here.
#ifndef ARCH_AARCH64_TRAP_FRAME_H_
#define ARCH_AARCH64_TRAP_FRAME_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/abi/message.h"
#include "kernel/base/types.h"

namespace tine::hw {

// While the user runs, SP_EL1 points here, so that entry needs no scratch
// register: hence the alignment, which the hardware checks.
struct alignas(16) TrapFrame {
  MessageRegisters message;  // x0 .. x10
  u64 x11_to_x30[20];
  u64 pc;     // ELR_EL1
  u64 sp;     // SP_EL0
  u64 flags;  // SPSR_EL1
};
static_assert(sizeof(MessageRegisters) == 11 * sizeof(u64));
static_assert(offsetof(TrapFrame, pc) == FRAME_PC);
static_assert(offsetof(TrapFrame, sp) == FRAME_SP);
static_assert(offsetof(TrapFrame, flags) == FRAME_FLAGS);
static_assert(sizeof(TrapFrame) == FRAME_SIZE);

// What of SPSR_EL1 belongs to the user: NZCV, DIT, SSBS. All else is 0, which
// is EL0t in AArch64 state with no exception masked (Arm ARM C5.2.19).
inline constexpr u64 kUserFlags = u64{0xf} << 28 | u64{1} << 24 | u64{1} << 12;

inline void set_result(TrapFrame& frame, u64 value) {
  frame.message.words[0] = value;
}

// PSTATE.IL, the illegal execution state: an instruction in it is not executed
// but traps. No program has it; a thread that is to be stepped, or that has
// breakpoints, comes back to the kernel by it, which then turns them on
// (single_step.h, kernel/thread/breakpoints.h).
inline constexpr u64 kComesBack = u64{1} << 20;

inline bool comes_back(const TrapFrame& frame) {
  return (frame.flags & kComesBack) != 0;
}
inline void set_comes_back(TrapFrame& frame) { frame.flags |= kComesBack; }
inline void clear_comes_back(TrapFrame& frame) { frame.flags &= ~kComesBack; }
// In a copy that a server gets: it may know, and asks for steps by this.
inline void hide_comes_back(TrapFrame&) {}

inline void set_syscall_number(TrapFrame& frame, u32 number) {
  frame.message.tag = number;
}

// Back onto the svc, with all its arguments if no result was set.
inline void rewind_syscall(TrapFrame& frame) { frame.pc -= 4; }

// Any pc will do: eret to what is not an address of the user's faults there.
inline void sanitize(TrapFrame& frame) {
  frame.flags &= kUserFlags | kComesBack;
}

inline void init_user_frame(TrapFrame& frame, u64 pc, u64 sp) {
  frame = TrapFrame{};
  frame.pc = pc;
  frame.sp = sp;
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_TRAP_FRAME_H_
