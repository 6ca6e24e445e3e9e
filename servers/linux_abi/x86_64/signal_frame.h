// The frame of a signal handler on x86-64: struct rt_sigframe and what it
// holds (asm/sigcontext.h, asm/ucontext.h of Linux), and its way to and from
// the registers of a thread.
#ifndef SERVERS_LINUX_ABI_X86_64_SIGNAL_FRAME_H_
#define SERVERS_LINUX_ABI_X86_64_SIGNAL_FRAME_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/frame_request.h"
#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

struct SigContext {
  u64 r8, r9, r10, r11, r12, r13, r14, r15;
  u64 di, si, bp, bx, dx, ax, cx, sp, ip;
  u64 flags;
  u16 cs, gs, fs, ss;
  u64 error, trap, old_mask, cr2;
  u64 fp;  // address of the FXSAVE area, or 0
  u64 reserved[8];
};
static_assert(sizeof(SigContext) == 256);

struct UserContext {
  u64 flags;
  u64 link;
  SigAltStack stack;
  SigContext registers;
  u64 mask;
};
static_assert(sizeof(UserContext) == 304);
// Of UserContext::flags: `ss` is there, and is to be taken as it is. (With
// OSXSAVE off there is no UC_FP_XSTATE.)
inline constexpr u64 kTakesStack = 4;
inline constexpr u64 kContextFlags = 2 | kTakesStack;

inline constexpr u64 kFxBytes = 512;
// Selectors as Linux has them; what they are here concerns no program.
inline constexpr u16 kUserCode = 0x33;
inline constexpr u16 kUserStack = 0x2b;
// The frame lies below this: to a leaf function belongs what is just under its
// stack pointer (psABI 3.2.2).
inline constexpr u64 kRedZoneBytes = 128;

// As it lies on the stack. Behind it, 64-byte aligned, the FXSAVE area.
struct SignalFrame {
  u64 return_address;
  UserContext context;
  SigInfo info;
  u8 fp[64 + kFxBytes];

  // ---- where it is put
  u64 address;
  u64 bytes;

  // Below `top`.
  void place(u64 top) {
    const u64 fp_at = (top - kFxBytes) & ~u64{63};
    address = ((fp_at - kBytes) & ~u64{15}) - 8;
    bytes = fp_at + kFxBytes - address;
    context.registers.fp = fp_at;
  }
  u64 lowest() const { return address; }
  // The parts that are to be written: f(address, from, bytes).
  template <typename F>
  bool for_each_part(F&& f) const {
    return f(address, this, bytes);
  }
  static constexpr u64 kBytes = 8 + sizeof(UserContext) + sizeof(SigInfo);
};
static_assert(offsetof(SignalFrame, fp) == SignalFrame::kBytes);
static_assert(SignalFrame::kBytes == 440);

// False: the action has no restorer, and there is no other way back.
inline bool fill_frame(SignalFrame& frame, const FrameRequest& request,
                       const hw::TrapFrame& from, const hw::UserState& state) {
  if ((request.action.flags & kSaRestorer) == 0) return false;
  const u64* words = from.message.words;
  const u64 fp_at = frame.context.registers.fp;
  // Of calls and interrupts there is nothing to say; whether the kernel has a
  // page somewhere is none of a program's business.
  constexpr u64 kExceptions = 32, kPageFault = 14, kPresent = 1;
  const bool is_exception = from.vector < kExceptions;
  u64 error = is_exception ? from.error_code : 0;
  if (from.vector == kPageFault && request.fault_address >= kUserAddressEnd) {
    error |= kPresent;
  }
  frame.return_address = request.action.restorer;
  frame.context = {
      .flags = kContextFlags,
      .link = 0,
      .stack = request.stack,
      .registers =
          {
              .r8 = words[4],
              .r9 = words[5],
              .r10 = words[3],
              .r11 = from.r11,
              .r12 = words[6],
              .r13 = words[7],
              .r14 = from.message.token,
              .r15 = from.message.target,
              .di = words[0],
              .si = words[1],
              .bp = from.rbp,
              .bx = from.rbx,
              .dx = words[2],
              .ax = from.message.tag,
              .cx = from.rcx,
              .sp = from.sp,
              .ip = from.pc,
              .flags = from.flags,
              .cs = kUserCode,
              .gs = 0,
              .fs = 0,
              .ss = kUserStack,
              .error = error,
              .trap = is_exception ? from.vector : 0,
              .old_mask = request.mask,
              .cr2 = request.fault_address,
              .fp = fp_at,
              .reserved = {},
          },
      .mask = request.mask,
  };
  frame.info = request.info;
  const u64 fp_offset = fp_at - (frame.address + offsetof(SignalFrame, fp));
  for (u64 i = 0; i < fp_offset; ++i) frame.fp[i] = 0;
  __builtin_memcpy(frame.fp + fp_offset, state.fx, kFxBytes);
  // The last 48 bytes are the kernel's (fpx_sw_bytes): zeros say that there is
  // no more than FXSAVE.
  __builtin_memset(frame.fp + fp_offset + kFxBytes - 48, 0, 48);
  return true;
}

// The registers with which the handler begins. FP registers stay.
inline void enter_handler(const SignalFrame& frame, const FrameRequest& request,
                          hw::TrapFrame& to) {
  constexpr u64 kDirection = 1 << 10, kResume = 1 << 16, kTrap = 1 << 8;
  const u64 at = frame.address;
  to.message.words[0] = static_cast<u64>(request.signal);
  to.message.words[1] = at + offsetof(SignalFrame, info);
  to.message.words[2] = at + offsetof(SignalFrame, context);
  to.message.tag = 0;
  to.pc = request.action.handler;
  to.sp = at;
  to.flags &= ~(kDirection | kResume | kTrap);
}

// Takes back the frame that a handler returns through. `read(address, to,
// bytes)` reads the program's memory. False: it is none; registers that came
// before what is no good are restored all the same, as by Linux.
template <typename Read>
bool restore_frame(Read&& read, hw::TrapFrame& to, hw::UserState& state,
                   FrameReturn& back) {
  constexpr u64 kUserFlags = 0x5'4dd5;  // FIX_EFLAGS
  constexpr u64 kMxcsr = 24;
  constexpr u32 kMxcsrMask = 0xffff;
  UserContext context;
  // The return address has been popped.
  if (!read(to.sp, &context, sizeof(context))) return false;
  back = {.has_mask = true, .mask = context.mask, .stack = context.stack};
  const SigContext& from = context.registers;
  u64* words = to.message.words;
  words[0] = from.di;
  words[1] = from.si;
  words[2] = from.dx;
  words[3] = from.r10;
  words[4] = from.r8;
  words[5] = from.r9;
  words[6] = from.r12;
  words[7] = from.r13;
  to.message.tag = from.ax;
  to.message.token = from.r14;
  to.message.target = from.r15;
  to.rbx = from.bx;
  to.rbp = from.bp;
  to.rcx = from.cx;
  to.r11 = from.r11;
  to.pc = from.ip;
  to.sp = from.sp;
  to.flags = (to.flags & ~kUserFlags) | (from.flags & kUserFlags);
  // Of FP registers nowhere: as a program starts with.
  hw::UserState fp;
  hw::init_user_state(fp);
  __builtin_memcpy(state.fx, fp.fx, kFxBytes);
  if (from.fp != 0) {
    // FXRSTOR would refuse another alignment, and unknown bits of MXCSR.
    if (from.fp % 16 != 0 || !read(from.fp, fp.fx, kFxBytes)) return false;
    u32 mxcsr;
    __builtin_memcpy(&mxcsr, fp.fx + kMxcsr, sizeof(mxcsr));
    if ((mxcsr & ~kMxcsrMask) != 0) return false;
    __builtin_memcpy(state.fx, fp.fx, kFxBytes);
  }
  // IRET would refuse other selectors.
  return (from.cs | 3) == kUserCode &&
         ((context.flags & kTakesStack) == 0 || (from.ss | 3) == kUserStack);
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_SIGNAL_FRAME_H_
