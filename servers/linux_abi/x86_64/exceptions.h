// Signals of x86-64 exceptions, as Linux's trap handlers choose them.
#ifndef SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_
#define SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_

#include "kernel/abi/message.h"
#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

struct Fault {
  i32 signal;
  i32 code;
  u64 address;
};

// `address` and `pc` as kLabelException has them.
constexpr Fault fault_of_exception(ExceptionKind kind, u64, u64 pc) {
  switch (kind) {
    case ExceptionKind::kIllegalInstruction:
      return {kSigIll, kIllegalOperand, pc};
    case ExceptionKind::kBreakpoint:
      return {kSigTrap, kSiKernel, 0};
    case ExceptionKind::kSingleStep:
      return {kSigTrap, kTrapTrace, pc};
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

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_EXCEPTIONS_H_
