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

// siginfo_t, as far as it is filled in for a child and for kill().
struct SigInfo {
  i32 signal = 0;
  i32 error = 0;
  i32 code = 0;
  i32 padding = 0;
  i32 pid = 0;
  i32 uid = 0;
  i32 status = 0;
  i32 reserved[25] = {};
};
static_assert(sizeof(SigInfo) == 128);
enum ChildCode : i32 { kCldExited = 1, kCldKilled = 2 };

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SIGNAL_H_
