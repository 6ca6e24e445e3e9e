// Signals of x86-64 exceptions, as Linux's trap handlers choose them.
#ifndef SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_
#define SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_

#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "kernel/abi/message.h"
#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

struct Fault {
  i32 signal;
  i32 code;
  u64 address;
};

// `address` and `pc` as kLabelException has them.
constexpr Fault fault_of_exception(ExceptionKind kind, u64 address, u64 pc) {
  switch (kind) {
    case ExceptionKind::kIllegalInstruction:
      return {kSigIll, kIllegalOperand, pc};
    case ExceptionKind::kBreakpoint:
      return {kSigTrap, kSiKernel, 0};
    case ExceptionKind::kSingleStep:
      return {kSigTrap, kTrapTrace, pc};
    case ExceptionKind::kHardwareBreakpoint:  // with none met: ICEBP
      return {kSigTrap,
              address != 0 ? kTrapHardwareBreakpoint : kTrapBreakpoint, pc};
    case ExceptionKind::kDivide:
      return {kSigFpe, kDivideByZero, pc};
    case ExceptionKind::kFloatingPoint:
      return {kSigFpe, kFloatUnknown, pc};
    case ExceptionKind::kAlignment:
      return {kSigBus, kMisaligned, 0};
    case ExceptionKind::kProtection:
    case ExceptionKind::kBadAddress:  // by IRET of the kernel
    case ExceptionKind::kOther:       // e.g. #OF, #BR
      return {kSigSegv, kSiKernel, 0};
  }
  return {kSigSegv, kSiKernel, 0};
}

// Why floating point failed (fpu__exception_code()): of what is not masked,
// what comes first.
inline i32 float_code(const hw::TrapFrame& frame, const hw::UserState& state) {
  constexpr u64 kX87 = 16;
  u16 control, status;
  u32 mxcsr;
  __builtin_memcpy(&control, state.fx, sizeof(control));
  __builtin_memcpy(&status, state.fx + 2, sizeof(status));
  __builtin_memcpy(&mxcsr, state.fx + 24, sizeof(mxcsr));
  const u32 raised =
      frame.vector == kX87 ? status & ~u32{control} : mxcsr & ~(mxcsr >> 7);
  if ((raised & 0x01) != 0) return kFloatInvalid;
  if ((raised & 0x04) != 0) return kFloatDivide;
  if ((raised & 0x08) != 0) return kFloatOverflow;
  if ((raised & 0x12) != 0) return kFloatUnderflow;
  return (raised & 0x20) != 0 ? kFloatInexact : kFloatUnknown;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_
