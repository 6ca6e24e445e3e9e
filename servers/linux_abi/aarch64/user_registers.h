// struct user_pt_regs of AArch64: a thread's registers as a tracer sees them.
#ifndef SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_
#define SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"

namespace tine::linux_abi {

struct UserRegisters {
  u64 x[31];
  u64 sp;
  u64 pc;
  u64 flags;
};
static_assert(sizeof(UserRegisters) == 272);

// Registers come in sets only.
inline constexpr bool kHasUserArea = false;
inline constexpr u64 kUserAreaBytes = 0;
inline constexpr u64 kUserDebugAt = 0;
inline constexpr u64 kFsBaseAt = 0;
inline constexpr u64 kGsBaseAt = 0;
inline constexpr bool kHasBlockStep = false;

inline constexpr u64 kFirstOfRest = 11;  // x0 to x10 are the message's

// While a thread stands still in a call, this register says at which end
// instead of what it holds (Linux, report_syscall).
inline constexpr u64 kCallEnd = 7;
constexpr bool shows_end(CallStop stop) {
  return stop == CallStop::kEntry || stop == CallStop::kExit;
}

inline UserRegisters user_registers(const hw::TrapFrame& from,
                                    const hw::UserState&, u64, CallStop stop) {
  UserRegisters to;
  const MessageRegisters& message = from.message;
  for (u64 i = 0; i < 8; ++i) to.x[i] = message.words[i];
  to.x[8] = message.tag;
  to.x[9] = message.token;
  to.x[10] = message.target;
  for (u64 i = kFirstOfRest; i < 31; ++i) {
    to.x[i] = from.x11_to_x30[i - kFirstOfRest];
  }
  if (shows_end(stop)) to.x[kCallEnd] = stop == CallStop::kExit ? 1 : 0;
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = from.flags & hw::kUserFlags;
  return to;
}

// At a call's entry its number has a set of its own (kNtArmSystemCall),
// whatever is in x8.
inline void set_user_registers(hw::TrapFrame& to, hw::UserState&,
                               const UserRegisters& from, CallStop stop) {
  MessageRegisters& message = to.message;
  for (u64 i = 0; i < 8; ++i) {
    if (i != kCallEnd || !shows_end(stop)) message.words[i] = from.x[i];
  }
  if (!is_before(stop)) message.tag = from.x[8];
  message.token = from.x[9];
  message.target = from.x[10];
  for (u64 i = kFirstOfRest; i < 31; ++i) {
    to.x11_to_x30[i - kFirstOfRest] = from.x[i];
  }
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = (from.flags & hw::kUserFlags) | (to.flags & hw::kComesBack);
}

// The CPU itself ends a step behind the call.
inline constexpr bool kStepsEndWithCalls = false;

inline void set_single_step(hw::TrapFrame& frame, hw::UserState& state,
                            bool on) {
  state.step = on ? hw::Step::kBegins : hw::Step::kNone;
  frame.flags =
      on ? frame.flags | hw::kComesBack : frame.flags & ~hw::kComesBack;
}

// Of a call that has ended.
inline u64 call_result(const hw::TrapFrame& frame) {
  return frame.message.words[0];
}
// What a call that is left out comes to as its tracer has said.
inline i64 skipped_result(const UserRegisters& set) {
  return static_cast<i64>(set.x[0]);
}

// struct user_fpsimd_state.
struct UserFpRegisters {
  u64 vectors[64];
  u32 fpsr;
  u32 fpcr;
  u32 reserved[2];
};
static_assert(sizeof(UserFpRegisters) == 528);

inline void read_register_set(u32 type, const hw::TrapFrame& frame,
                              const hw::UserState& state, u64 call,
                              CallStop stop, RegisterSet& to) {
  const auto fill = [&to](const auto& all, u32 unit) {
    to.unit = unit;
    to.bytes = sizeof(all);
    __builtin_memcpy(to.content, &all, sizeof(all));
  };
  switch (type) {
    case kNtPrStatus:
      return fill(user_registers(frame, state, call, stop), sizeof(u64));
    case kNtFpRegisters: {
      UserFpRegisters all{};
      __builtin_memcpy(all.vectors, state.vectors, sizeof(all.vectors));
      all.fpsr = static_cast<u32>(state.fpsr);
      all.fpcr = static_cast<u32>(state.fpcr);
      return fill(all, sizeof(u32));
    }
    case kNtArmTls: {
      const u64 pointers[2] = {state.tpidr, 0};  // the second is SME's
      return fill(pointers, sizeof(u64));
    }
    case kNtArmSystemCall:
      return fill(static_cast<u32>(call), sizeof(u32));
    default:
      return;
  }
}

// Of a set that is not there.
constexpr i64 missing_set_error(u32) { return -EINVAL; }

// 0 or a negated errno. The number of a call is x8, which is read
// again when the thread goes on.
inline i64 write_register_set(u32 type, const RegisterSet& from, CallStop stop,
                              hw::TrapFrame& frame, hw::UserState& state) {
  switch (type) {
    case kNtPrStatus: {
      UserRegisters all;
      __builtin_memcpy(&all, from.content, sizeof(all));
      // EL0 in AArch64 state.
      if ((all.flags & 0x1f) != 0) return -EINVAL;
      set_user_registers(frame, state, all, stop);
      return 0;
    }
    case kNtFpRegisters: {
      UserFpRegisters all;
      __builtin_memcpy(&all, from.content, sizeof(all));
      __builtin_memcpy(state.vectors, all.vectors, sizeof(all.vectors));
      state.fpsr = all.fpsr;
      state.fpcr = all.fpcr;
      return 0;
    }
    case kNtArmTls:
      __builtin_memcpy(&state.tpidr, from.content, sizeof(u64));
      return 0;
    default: {
      u32 number;
      __builtin_memcpy(&number, from.content, sizeof(number));
      if (is_before(stop)) frame.message.tag = number;
      return 0;
    }
  }
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_
