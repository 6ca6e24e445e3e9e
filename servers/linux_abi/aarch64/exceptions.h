// Signals of AArch64 exceptions, as Linux's trap handlers choose them.
#ifndef SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_
#define SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_

#include "kernel/abi/message.h"
#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

constexpr i32 signal_of_exception(ExceptionKind kind) {
  switch (kind) {
    case ExceptionKind::kIllegalInstruction:
      return kSigIll;
    case ExceptionKind::kBreakpoint:
    case ExceptionKind::kSingleStep:
      return kSigTrap;
    case ExceptionKind::kDivide:
    case ExceptionKind::kFloatingPoint:
      return kSigFpe;
    case ExceptionKind::kAlignment:
      return kSigBus;
    case ExceptionKind::kProtection:
    case ExceptionKind::kBadAddress:
      return kSigSegv;
    case ExceptionKind::kOther:
      return kSigIll;  // an unknown exception class
  }
  return kSigSegv;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_EXCEPTIONS_H_
