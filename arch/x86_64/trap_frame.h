// The registers of a thread as trap entry leaves them and resume takes them.
#ifndef ARCH_X86_64_TRAP_FRAME_H_
#define ARCH_X86_64_TRAP_FRAME_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/abi/message.h"
#include "kernel/base/types.h"

namespace tine::hw {

// The part from `error_code` on is what the CPU itself pushes on an exception:
// TSS.rsp0 points at the end of the current thread's frame, so it lands here.
struct alignas(16) TrapFrame {
  MessageRegisters message;  // rdi rsi rdx r10 r8 r9 r12 r13 | rax | r14 | r15
  u64 rbx;
  u64 rbp;
  u64 rcx;
  u64 r11;
  u64 vector;      // of the last entry; VECTOR_SYSCALL: pc and flags stand for
                   // rcx and r11 (those of a server are not kept); but see
                   // set_comes_back()
  u64 error_code;  // of the last exception
  u64 pc;
  u64 cs;
  u64 flags;
  u64 sp;
  u64 ss;
};

static_assert(offsetof(TrapFrame, message) == FRAME_RDI);
static_assert(offsetof(TrapFrame, message.words) == FRAME_RDI);
static_assert(FRAME_RSI == 8 && FRAME_RDX == 16 && FRAME_R10 == 24);
static_assert(FRAME_R8 == 32 && FRAME_R9 == 40 && FRAME_R12 == 48);
static_assert(FRAME_R13 == 56);
static_assert(offsetof(TrapFrame, message.tag) == FRAME_RAX);
static_assert(offsetof(TrapFrame, message.token) == FRAME_R14);
static_assert(offsetof(TrapFrame, message.target) == FRAME_R15);
static_assert(offsetof(TrapFrame, rbx) == FRAME_RBX);
static_assert(offsetof(TrapFrame, rbp) == FRAME_RBP);
static_assert(offsetof(TrapFrame, rcx) == FRAME_RCX);
static_assert(offsetof(TrapFrame, r11) == FRAME_R11);
static_assert(offsetof(TrapFrame, vector) == FRAME_VECTOR);
static_assert(offsetof(TrapFrame, error_code) == FRAME_ERROR);
static_assert(offsetof(TrapFrame, pc) == FRAME_PC);
static_assert(offsetof(TrapFrame, cs) == FRAME_CS);
static_assert(offsetof(TrapFrame, flags) == FRAME_FLAGS);
static_assert(offsetof(TrapFrame, sp) == FRAME_SP);
static_assert(offsetof(TrapFrame, ss) == FRAME_SS);
static_assert(sizeof(TrapFrame) == FRAME_SIZE);
// The CPU aligns the stack to 16 before it pushes: the end must be aligned.
static_assert(sizeof(TrapFrame) % 16 == 0);

// RFLAGS that a user may choose: CF PF AF ZF SF TF DF OF NT RF AC ID. The rest
// is fixed: IF and the always-one bit set, IOPL 0.
inline constexpr u64 kUserFlagsMask = 0x0025'4dd5;
inline constexpr u64 kUserFlagsFixed = 0x0202;

// The length of SYSCALL.
inline constexpr u64 kSyscallBytes = 2;

inline void set_result(TrapFrame& frame, u64 result) {
  frame.message.tag = result;
}

inline void set_syscall_number(TrapFrame& frame, u32 number) {
  frame.message.tag = number;
}

// Back onto the instruction, with rax still the number unless a result was set.
inline void rewind_syscall(TrapFrame& frame) { frame.pc -= kSyscallBytes; }

// A thread that comes back enters the kernel once more before it executes an
// instruction: the way that looks at TF after SYSCALL looks at this bit, too.
// Whatever its last entry was counts as a SYSCALL until then, by the low byte
// of `vector`, with the true one above.
inline bool comes_back(const TrapFrame& frame) {
  return (frame.flags & FLAG_COMES_BACK) != 0;
}
inline void set_comes_back(TrapFrame& frame) {
  if (comes_back(frame)) return;
  frame.flags |= FLAG_COMES_BACK;
  frame.vector = frame.vector << 8 | VECTOR_SYSCALL;
}
inline void clear_comes_back(TrapFrame& frame) {
  if (!comes_back(frame)) return;
  frame.flags &= ~u64{FLAG_COMES_BACK};
  frame.vector >>= 8;
}
// In a copy that a server gets.
inline void hide_comes_back(TrapFrame& frame) { clear_comes_back(frame); }

// Makes a frame from elsewhere harmless: user mode, interrupts on. `pc` may
// stay anything: resume gives a bad one back as the user's fault.
inline void sanitize(TrapFrame& frame) {
  frame.vector = 0;
  frame.error_code = 0;
  frame.flags = (frame.flags & kUserFlagsMask) | kUserFlagsFixed;
  frame.cs = SELECTOR_USER_CODE;
  frame.ss = SELECTOR_USER_DATA;
}

inline void init_user_frame(TrapFrame& frame, u64 pc, u64 sp) {
  frame = TrapFrame{};
  frame.pc = pc;
  frame.sp = sp;
  sanitize(frame);
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_TRAP_FRAME_H_
