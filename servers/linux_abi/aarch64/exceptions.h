// Signals of AArch64 exceptions, as Linux's trap handlers choose them.
#ifndef SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_
#define SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_

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
    case ExceptionKind::kOther:  // an unknown exception class
      return {kSigIll, kIllegalOpcode, pc};
    case ExceptionKind::kBreakpoint:
      return {kSigTrap, kTrapBreakpoint, pc};
    case ExceptionKind::kSingleStep:
      return {kSigTrap, kTrapTrace, pc};
    case ExceptionKind::kHardwareBreakpoint:
      return {kSigTrap, kTrapHardwareBreakpoint, address};
    case ExceptionKind::kDivide:
    case ExceptionKind::kFloatingPoint:
      return {kSigFpe, kFloatUnknown, pc};
    case ExceptionKind::kAlignment:
      return {kSigBus, kMisaligned, address};
    case ExceptionKind::kProtection:
    case ExceptionKind::kBadAddress:
      return {kSigSegv, kNotMapped, address};
  }
  return {kSigSegv, kSiKernel, 0};
}

// Why floating point failed: the syndrome that says so is not kept.
inline i32 float_code(const hw::TrapFrame&, const hw::UserState&) {
  return kFloatUnknown;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_
