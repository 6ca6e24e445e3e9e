// Signals (asm-generic/signal.h and asm/signal.h of x86-64 and AArch64 agree in
// all that is here but the restorer, which AArch64 programs leave zero).
#ifndef SERVERS_LINUX_ABI_SIGNAL_H_
#define SERVERS_LINUX_ABI_SIGNAL_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

enum Signal : i32 {
  kSigHup = 1,
  kSigInt = 2,
  kSigQuit = 3,
  kSigIll = 4,
  kSigTrap = 5,
  kSigAbrt = 6,
  kSigBus = 7,
  kSigFpe = 8,
  kSigKill = 9,
  kSigUsr1 = 10,
  kSigSegv = 11,
  kSigUsr2 = 12,
  kSigPipe = 13,
  kSigAlrm = 14,
  kSigTerm = 15,
  kSigStkflt = 16,
  kSigChld = 17,
  kSigCont = 18,
  kSigStop = 19,
  kSigTstp = 20,
  kSigTtin = 21,
  kSigTtou = 22,
  kSigUrg = 23,
  kSigXcpu = 24,
  kSigXfsz = 25,
  kSigVtalrm = 26,
  kSigProf = 27,
  kSigWinch = 28,
  kSigIo = 29,
  kSigPwr = 30,
  kSigSys = 31,
};
inline constexpr i32 kSignals = 64;

// Bit of a signal in a set.
constexpr u64 signal_bit(i32 signal) { return u64{1} << (signal - 1); }
template <typename... More>
constexpr u64 signal_bits(More... signals) {
  return (signal_bit(signals) | ...);
}

inline constexpr u64 kUnblockable = signal_bits(kSigKill, kSigStop);
// What the default action does; all others end the process.
inline constexpr u64 kIgnoredByDefault =
    signal_bits(kSigChld, kSigCont, kSigUrg, kSigWinch);
inline constexpr u64 kStopsByDefault =
    signal_bits(kSigStop, kSigTstp, kSigTtin, kSigTtou);

inline constexpr u64 kHandlerDefault = 0;
inline constexpr u64 kHandlerIgnore = 1;

// struct sigaction of the rt_sigaction call.
struct SigAction {
  u64 handler = 0;
  u64 flags = 0;
  u64 restorer = 0;
  u64 mask = 0;
};
static_assert(sizeof(SigAction) == 32);
inline constexpr u64 kSaNoCldStop = 1;
inline constexpr u64 kSaNoCldWait = 2;
inline constexpr u64 kSaSigInfo = 4;
inline constexpr u64 kSaUnsupported = 0x400;
inline constexpr u64 kSaExposeTagBits = 0x800;
inline constexpr u64 kSaRestorer = 0x0400'0000;
inline constexpr u64 kSaOnStack = 0x0800'0000;
inline constexpr u64 kSaRestart = 0x1000'0000;
inline constexpr u64 kSaNoDefer = 0x4000'0000;
inline constexpr u64 kSaResetHand = 0x8000'0000;

enum SigMaskHow : i32 { kSigBlock = 0, kSigUnblock = 1, kSigSetMask = 2 };

// stack_t.
struct SigAltStack {
  u64 address;
  i32 flags;
  i32 padding;
  u64 bytes;
};
static_assert(sizeof(SigAltStack) == 24);
inline constexpr i32 kSsOnStack = 1;
inline constexpr i32 kSsDisable = 2;
inline constexpr i32 kSsAutoDisarm = i32{1} << 31;

// siginfo_t. Which fields mean something depends on `code`; those of a fault, a
// value and a timer lie over `pid` and what follows it.
struct SigInfo {
  i32 signal = 0;
  i32 error = 0;
  i32 code = 0;
  i32 padding = 0;
  i32 pid = 0;     // of the sender; timer: its id
  i32 uid = 0;     // of the sender; timer: overrun
  i32 status = 0;  // of a child; lower half of a value
  i32 upper = 0;   // upper half of a value
  i64 user_ticks = 0;
  i64 system_ticks = 0;
  i32 reserved[20] = {};

  void set_address(u64 address) {
    pid = static_cast<i32>(address);
    uid = static_cast<i32>(address >> 32);
  }
  void set_value(u64 value) {
    status = static_cast<i32>(value);
    upper = static_cast<i32>(value >> 32);
  }
};
static_assert(sizeof(SigInfo) == 128);

enum SignalCode : i32 {
  kSiUser = 0,
  kSiKernel = 0x80,
  kSiQueue = -1,
  kSiTimer = -2,
  kSiMessageQueue = -3,
  kSiTkill = -6,
};
enum ChildCode : i32 {
  kCldExited = 1,
  kCldKilled = 2,
  kCldDumped = 3,
  kCldTrapped = 4,
  kCldStopped = 5,
  kCldContinued = 6,
};
// What a wait status says, as SIGCHLD and waitid do.
constexpr void set_end(SigInfo& info, i32 status) {
  const i32 signal = status & 0x7f;
  if (status == 0xffff) {
    info.code = kCldContinued;
    info.status = kSigCont;
  } else if (signal == 0x7f) {
    info.code = kCldStopped;
    info.status = status >> 8 & 0xff;
  } else if (signal != 0) {
    info.code = (status & 0x80) != 0 ? kCldDumped : kCldKilled;
    info.status = signal;
  } else {
    info.code = kCldExited;
    info.status = status >> 8 & 0xff;
  }
}

enum FaultCode : i32 {
  kIllegalOpcode = 1,   // ILL_ILLOPC
  kIllegalOperand = 2,  // ILL_ILLOPN
  kDivideByZero = 1,    // FPE_INTDIV
  kFloatDivide = 3,
  kFloatOverflow = 4,
  kFloatUnderflow = 5,
  kFloatInexact = 6,
  kFloatInvalid = 7,
  kFloatUnknown = 14,
  kNotMapped = 1,   // SEGV_MAPERR
  kNotAllowed = 2,  // SEGV_ACCERR
  kMisaligned = 1,  // BUS_ADRALN
  kTrapBreakpoint = 1,
  kTrapTrace = 2,
  kTrapHardwareBreakpoint = 4,
};

// struct sigevent, as far as timers and message queues use it.
struct SigEvent {
  u64 value = 0;
  i32 signal = 0;
  i32 notify = 0;
  i32 thread = 0;
  i32 padding[11] = {};
};
static_assert(sizeof(SigEvent) == 64);
enum SigNotify : i32 {
  kNotifySignal = 0,
  kNotifyNone = 1,
  kNotifyByThread = 2,  // for the kernel as kNotifySignal
  kNotifyThread = 4,    // SIGEV_THREAD_ID
};

// Those that an instruction causes, by which it is taken before others.
inline constexpr u64 kFaultSignals =
    signal_bits(kSigSegv, kSigBus, kSigIll, kSigTrap, kSigFpe, kSigSys);
// From here on each one sent is kept, in order (SIGRTMIN of the kernel).
inline constexpr i32 kFirstRealTime = 32;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SIGNAL_H_
