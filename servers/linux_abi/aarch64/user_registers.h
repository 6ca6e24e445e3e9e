// struct user_pt_regs of AArch64: a thread's registers as a tracer sees them.
#ifndef SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_
#define SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/ptrace.h"

namespace tine::linux_abi {

struct UserRegisters {
  u64 x[31];
  u64 sp;
  u64 pc;
  u64 flags;
};
static_assert(sizeof(UserRegisters) == 272);

// Registers come in sets only, and steps would need debug exceptions.
inline constexpr bool kHasUserArea = false;
inline constexpr u64 kUserAreaBytes = 0;
inline constexpr bool kHasSingleStep = false;

inline constexpr u64 kFirstOfRest = 11;  // x0 to x10 are the message's

// While a thread stands still in a call, this register says at which end
// instead of what it holds (Linux, report_syscall).
inline constexpr u64 kCallEnd = 7;

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
  if (stop != CallStop::kNone) to.x[kCallEnd] = stop == CallStop::kExit ? 1 : 0;
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = from.flags;
  return to;
}

// The number of a call is in x8, whether it is entered or left.
inline void set_user_registers(hw::TrapFrame& to, hw::UserState&,
                               const UserRegisters& from, CallStop stop) {
  MessageRegisters& message = to.message;
  for (u64 i = 0; i < 8; ++i) {
    if (i != kCallEnd || stop == CallStop::kNone) message.words[i] = from.x[i];
  }
  message.tag = from.x[8];
  message.token = from.x[9];
  message.target = from.x[10];
  for (u64 i = kFirstOfRest; i < 31; ++i) {
    to.x11_to_x30[i - kFirstOfRest] = from.x[i];
  }
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = from.flags;
}

inline void set_single_step(hw::TrapFrame&, bool) {}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_USER_REGISTERS_H_
