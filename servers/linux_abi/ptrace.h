// Tracing of one process by another (linux/ptrace.h).
#ifndef SERVERS_LINUX_ABI_PTRACE_H_
#define SERVERS_LINUX_ABI_PTRACE_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

enum PtraceRequest : u32 {
  kPtraceTraceMe = 0,
  kPtracePeekText = 1,
  kPtracePeekData = 2,
  kPtracePeekUser = 3,
  kPtracePokeText = 4,
  kPtracePokeData = 5,
  kPtracePokeUser = 6,
  kPtraceCont = 7,
  kPtraceKill = 8,
  kPtraceSingleStep = 9,
  kPtraceGetRegs = 12,
  kPtraceSetRegs = 13,
  kPtraceAttach = 16,
  kPtraceDetach = 17,
  kPtraceSyscall = 24,
  kPtraceSetOptions = 0x4200,
  kPtraceGetEventMsg = 0x4201,
  kPtraceGetSigInfo = 0x4202,
  kPtraceSetSigInfo = 0x4203,
  kPtraceGetRegSet = 0x4204,
  kPtraceSetRegSet = 0x4205,
  kPtraceSeize = 0x4206,
  kPtraceInterrupt = 0x4207,
};

// PTRACE_O_*. Those above 1 are the bits of their events.
enum PtraceOption : u32 {
  kTraceSysGood = 1,
  kTraceFork = 1 << 1,
  kTraceVfork = 1 << 2,
  kTraceClone = 1 << 3,
  kTraceExec = 1 << 4,
  kTraceVforkDone = 1 << 5,
  kTraceExitKill = 1 << 20,
};

// PTRACE_EVENT_*.
enum PtraceEvent : i32 {
  kEventFork = 1,
  kEventVfork = 2,
  kEventClone = 3,
  kEventExec = 4,
  kEventVforkDone = 5,
  kEventStop = 128,
};

// Where in a call a thread stands still, as its registers say.
enum class CallStop : u8 { kNone, kEntry, kExit };

inline constexpr i32 kSysGoodBit = 0x80;
inline constexpr u32 kNtPrStatus = 1;  // of GETREGSET: general registers

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_PTRACE_H_
