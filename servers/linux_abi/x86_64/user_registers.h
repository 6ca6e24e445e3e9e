// struct user_regs_struct of x86-64: a thread's registers as a tracer sees
// them.
#ifndef SERVERS_LINUX_ABI_X86_64_USER_REGISTERS_H_
#define SERVERS_LINUX_ABI_X86_64_USER_REGISTERS_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"

namespace tine::linux_abi {

struct UserRegisters {
  u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
  u64 ax, cx, dx, si, di;
  u64 call;  // orig_rax: number of the call it is in, or -1
  u64 ip, cs, flags, sp, ss;
  u64 fs_base, gs_base;
  u64 ds, es, fs, gs;
};
static_assert(sizeof(UserRegisters) == 216);

// PTRACE_GETREGS and PEEKUSER are this architecture's.
inline constexpr bool kHasUserArea = true;
inline constexpr u64 kUserAreaBytes = 928;  // struct user
inline constexpr u64 kUserDebugAt = 848;    // its u_debugreg
inline constexpr u64 kFsBaseAt = __builtin_offsetof(UserRegisters, fs_base);
inline constexpr u64 kGsBaseAt = __builtin_offsetof(UserRegisters, gs_base);
inline constexpr bool kHasBlockStep = true;

inline UserRegisters user_registers(const hw::TrapFrame& from,
                                    const hw::UserState& state, u64 call,
                                    CallStop stop) {
  constexpr u64 kCode = 0x33;  // Linux's selectors; what they are here concerns
  constexpr u64 kStack = 0x2b;            // no program
  constexpr u64 kNoResultYet = ~u64{37};  // -ENOSYS
  const u64* words = from.message.words;
  return {.r15 = from.message.target,
          .r14 = from.message.token,
          .r13 = words[7],
          .r12 = words[6],
          .bp = from.rbp,
          .bx = from.rbx,
          .r11 = from.r11,
          .r10 = words[3],
          .r9 = words[5],
          .r8 = words[4],
          .ax = is_before(stop) ? kNoResultYet : from.message.tag,
          .cx = from.rcx,
          .dx = words[2],
          .si = words[1],
          .di = words[0],
          .call = call,
          .ip = from.pc,
          .cs = kCode,
          .flags = from.flags,
          .sp = from.sp,
          .ss = kStack,
          .fs_base = state.fs_base,
          .gs_base = state.gs_base,
          .ds = 0,
          .es = 0,
          .fs = 0,
          .gs = 0};
}

// At a call's entry its number is what counts, not the result register.
inline void set_user_registers(hw::TrapFrame& to, hw::UserState& state,
                               const UserRegisters& from, CallStop stop) {
  u64* words = to.message.words;
  to.message.target = from.r15;
  to.message.token = from.r14;
  words[7] = from.r13;
  words[6] = from.r12;
  to.rbp = from.bp;
  to.rbx = from.bx;
  to.r11 = from.r11;
  words[3] = from.r10;
  words[5] = from.r9;
  words[4] = from.r8;
  to.message.tag = is_before(stop) ? from.call : from.ax;
  to.rcx = from.cx;
  words[2] = from.dx;
  words[1] = from.si;
  words[0] = from.di;
  to.pc = from.ip;
  constexpr u64 kSettable = 0x5'4dd5;  // FLAG_MASK
  to.flags = (to.flags & ~kSettable) | (from.flags & kSettable);
  to.sp = from.sp;
  state.fs_base = from.fs_base;
  state.gs_base = from.gs_base;
}

// Beyond a call the trap flag would act an instruction too late.
inline constexpr bool kStepsEndWithCalls = true;

// The trap flag (SDM 3A 17.3.1.4).
inline void set_single_step(hw::TrapFrame& frame, hw::UserState&, bool on) {
  constexpr u64 kTrapFlag = 0x100;
  frame.flags = on ? frame.flags | kTrapFlag : frame.flags & ~kTrapFlag;
}

// Of a call that has ended.
inline u64 call_result(const hw::TrapFrame& frame) { return frame.message.tag; }
// What a call that is left out comes to as its tracer has said.
inline i64 skipped_result(const UserRegisters& set) {
  return static_cast<i64>(set.ax);
}

inline void read_register_set(u32 type, const hw::TrapFrame& frame,
                              const hw::UserState& state, u64 call,
                              CallStop stop, RegisterSet& to) {
  to.unit = sizeof(u64);
  if (type == kNtPrStatus) {
    const UserRegisters all = user_registers(frame, state, call, stop);
    to.bytes = sizeof(all);
    __builtin_memcpy(to.content, &all, sizeof(all));
  } else if (type == kNtFpRegisters) {
    to.bytes = sizeof(state.fx);
    __builtin_memcpy(to.content, state.fx, sizeof(state.fx));
  }
}

// Of a set that is not there: the extended state, where programs have none
// because XSAVE is off, is one of a device that is missing.
constexpr i64 missing_set_error(u32 type) {
  constexpr u32 kNtX86ExtendedState = 0x202;
  return type == kNtX86ExtendedState ? -ENODEV : -EINVAL;
}

// What no thread of a program could have (putreg()).
constexpr bool is_possible(const UserRegisters& set) {
  constexpr u64 kAddressEnd = 0x7fff'ffff'f000;
  const u64 selectors[] = {set.cs, set.ss, set.ds, set.es, set.fs, set.gs};
  for (const u64 selector : selectors) {
    const auto value = static_cast<u16>(selector);
    if (value != 0 && value % 4 != 3) return false;
  }
  return static_cast<u16>(set.cs) != 0 && static_cast<u16>(set.ss) != 0 &&
         set.fs_base < kAddressEnd && set.gs_base < kAddressEnd;
}

// 0 or a negated errno.
inline i64 write_register_set(u32 type, const RegisterSet& from, CallStop stop,
                              hw::TrapFrame& frame, hw::UserState& state) {
  if (type == kNtPrStatus) {
    UserRegisters all;
    __builtin_memcpy(&all, from.content, sizeof(all));
    if (!is_possible(all)) return -EIO;
    set_user_registers(frame, state, all, stop);
    return 0;
  }
  // Intel SDM 1, 10.5.1: reserved bits would fault.
  constexpr u64 kMxcsr = 24;
  constexpr u32 kMxcsrMask = 0xffff;
  u32 mxcsr;
  __builtin_memcpy(&mxcsr, from.content + kMxcsr, sizeof(mxcsr));
  if ((mxcsr & ~kMxcsrMask) != 0) return -EINVAL;
  __builtin_memcpy(state.fx, from.content, sizeof(state.fx));
  return 0;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_USER_REGISTERS_H_
