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
  kPtraceGetFpRegs = 14,  // this and those around it: x86-64 only
  kPtraceSetFpRegs = 15,
  kPtraceAttach = 16,
  kPtraceDetach = 17,
  kPtraceOldSetOptions = 21,  // x86-64 only
  kPtraceSyscall = 24,
  kPtraceArchPrctl = 30,  // x86-64 only
  kPtraceSysEmu = 31,
  kPtraceSysEmuSingleStep = 32,
  kPtraceSingleBlock = 33,  // x86-64 only
  kPtraceSetOptions = 0x4200,
  kPtraceGetEventMsg = 0x4201,
  kPtraceGetSigInfo = 0x4202,
  kPtraceSetSigInfo = 0x4203,
  kPtraceGetRegSet = 0x4204,
  kPtraceSetRegSet = 0x4205,
  kPtraceSeize = 0x4206,
  kPtraceInterrupt = 0x4207,
  kPtraceListen = 0x4208,
  kPtracePeekSigInfo = 0x4209,
  kPtraceGetSigMask = 0x420a,
  kPtraceSetSigMask = 0x420b,
  kPtraceGetFilter = 0x420c,
  kPtraceGetFilterMetadata = 0x420d,
  kPtraceGetSyscallInfo = 0x420e,
};

// PTRACE_O_*. Those above 1 are the bits of their events.
enum PtraceOption : u32 {
  kTraceSysGood = 1,
  kTraceFork = 1 << 1,
  kTraceVfork = 1 << 2,
  kTraceClone = 1 << 3,
  kTraceExec = 1 << 4,
  kTraceVforkDone = 1 << 5,
  kTraceExit = 1 << 6,
  kTraceSeccomp = 1 << 7,
  kTraceExitKill = 1 << 20,
  kTraceSuspendSeccomp = 1 << 21,  // for checkpoints only
};

// PTRACE_EVENT_*.
enum PtraceEvent : i32 {
  kEventFork = 1,
  kEventVfork = 2,
  kEventClone = 3,
  kEventExec = 4,
  kEventVforkDone = 5,
  kEventExit = 6,
  kEventSeccomp = 7,
  kEventStop = 128,
};

// Where in a call a thread stands still, as its registers say.
enum class CallStop : u8 { kNone, kEntry, kFilter, kExit };
// The call is yet to be made.
constexpr bool is_before(CallStop stop) {
  return stop == CallStop::kEntry || stop == CallStop::kFilter;
}

inline constexpr i32 kSysGoodBit = 0x80;

// Of GETREGSET (elf.h).
inline constexpr u32 kNtPrStatus = 1;            // general registers
inline constexpr u32 kNtFpRegisters = 2;         // NT_PRFPREG
inline constexpr u32 kNtArmTls = 0x401;          // the thread pointer
inline constexpr u32 kNtArmBreakpoints = 0x402;  // NT_ARM_HW_BREAK
inline constexpr u32 kNtArmWatchpoints = 0x403;  // NT_ARM_HW_WATCH
inline constexpr u32 kNtArmSystemCall = 0x404;   // number of the call it is in

// u_debugreg of struct user, which is like a set but has no number.
inline constexpr u32 kUserDebugSet = ~u32{0};

// Any of these, as bytes.
struct alignas(16) RegisterSet {
  u64 bytes = 0;  // how many it has; 0: there is no such set
  u32 unit = 1;   // copied in multiples of this
  u8 content[544];
};

// struct ptrace_peeksiginfo_args.
struct PeekSigInfo {
  u64 offset;
  u32 flags;  // 1: those of the process, else the thread's
  i32 count;
};

// struct ptrace_syscall_info, as far as each kind of stop fills it.
struct SyscallStopInfo {
  u8 kind = 0;  // 0: in no call; 1: entry; 2: exit; 3: filter
  u8 padding[3] = {};
  u32 arch = 0;
  u64 pc = 0;
  u64 sp = 0;
  union {
    struct {
      u64 number;
      u64 arguments[6];
      u32 filter_data;
    } entry;
    struct {
      i64 result;
      u8 is_error;
    } exit;
  };
  SyscallStopInfo() : entry{} {}
};
inline constexpr u64 kBytesInNoCall = 24;
inline constexpr u64 kBytesAtEntry = 80;
inline constexpr u64 kBytesAtExit = 33;
inline constexpr u64 kBytesAtFilter = 84;
static_assert(sizeof(SyscallStopInfo) == 88);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_PTRACE_H_
