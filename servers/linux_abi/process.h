// Constants and structures of the process calls: clone, wait, limits, prctl.
#ifndef SERVERS_LINUX_ABI_PROCESS_H_
#define SERVERS_LINUX_ABI_PROCESS_H_

#include "servers/linux_abi/time.h"

namespace tine::linux_abi {

// clone flags (linux/sched.h).
enum CloneFlag : u64 {
  kCloneSignalMask = 0xff,
  kCloneNewTime = 0x80,
  kCloneVm = 0x100,
  kCloneFs = 0x200,
  kCloneFiles = 0x400,
  kCloneSighand = 0x800,
  kClonePidFd = 0x1000,
  kClonePtrace = 0x2000,
  kCloneVfork = 0x4000,
  kCloneParent = 0x8000,
  kCloneThread = 0x1'0000,
  kCloneNewNs = 0x2'0000,
  kCloneSysvSem = 0x4'0000,
  kCloneSettls = 0x8'0000,
  kCloneParentSettid = 0x10'0000,
  kCloneChildCleartid = 0x20'0000,
  kCloneDetached = 0x40'0000,
  kCloneUntraced = 0x80'0000,
  kCloneChildSettid = 0x100'0000,
  kCloneNewCgroup = 0x200'0000,
  kCloneNewUts = 0x400'0000,
  kCloneNewIpc = 0x800'0000,
  kCloneNewUser = 0x1000'0000,
  kCloneNewPid = 0x2000'0000,
  kCloneNewNet = 0x4000'0000,
  kCloneIo = 0x8000'0000,
  kCloneClearSighand = 0x1'0000'0000,
  kCloneIntoCgroup = 0x2'0000'0000,
};

// struct clone_args of clone3.
struct CloneArguments {
  u64 flags;
  u64 pidfd;
  u64 child_tid;
  u64 parent_tid;
  u64 exit_signal;
  u64 stack;
  u64 stack_bytes;
  u64 tls;
  u64 set_tid;
  u64 set_tid_count;
  u64 cgroup;
};
inline constexpr u64 kCloneArgumentsLeast = 64;
static_assert(sizeof(CloneArguments) == 88);

// wait4 and waitid options.
enum WaitOption : u32 {
  kWaitNoHang = 1,
  kWaitUntraced = 2,  // waitid: WSTOPPED
  kWaitExited = 4,
  kWaitContinued = 8,
  kWaitNoWait = 0x0100'0000,
  kWaitNoThread = 0x2000'0000,
  kWaitAll = 0x4000'0000,
  kWaitClone = 0x8000'0000,
};
enum WaitId : i32 { kIdAll = 0, kIdPid = 1, kIdGroup = 2, kIdPidFd = 3 };

constexpr i32 status_of_exit(i32 code) { return (code & 0xff) << 8; }
constexpr i32 status_of_signal(i32 signal) { return signal; }
constexpr i32 status_of_stop(i32 signal) { return signal << 8 | 0x7f; }
inline constexpr i32 kStatusContinued = 0xffff;

struct Rusage {
  Timeval user;
  Timeval system;
  i64 max_rss;  // KiB
  i64 unused1[3];
  i64 minor_faults;
  i64 major_faults;
  i64 unused2[8];
};
static_assert(sizeof(Rusage) == 144);
enum RusageWho : i32 {
  kRusageSelf = 0,
  kRusageChildren = -1,
  kRusageThread = 1,
};

struct Tms {
  i64 user, system, children_user, children_system;
};
inline constexpr i64 kClockTicks = 100;  // a second, AT_CLKTCK

struct Rlimit {
  u64 soft;
  u64 hard;
};
enum Resource : u32 {
  kLimitCpu = 0,
  kLimitFileSize = 1,
  kLimitData = 2,
  kLimitStack = 3,
  kLimitCore = 4,
  kLimitRss = 5,
  kLimitProcesses = 6,
  kLimitFiles = 7,
  kLimitLocked = 8,
  kLimitAddressSpace = 9,
  kLimitLocks = 10,
  kLimitPending = 11,
  kLimitQueue = 12,
  kLimitNice = 13,
  kLimitRtPriority = 14,
  kLimitRtTime = 15,
  kLimits = 16,
};
inline constexpr u64 kUnlimited = ~u64{0};
// RLIMIT_NOFILE cannot go above this (fs.nr_open).
inline constexpr u64 kMostFiles = 1024 * 1024;

enum PriorityWhich : i32 {
  kPriorityProcess = 0,
  kPriorityGroup = 1,
  kPriorityUser = 2,
};

struct UtsName {
  char system[65];
  char node[65];
  char release[65];
  char version[65];
  char machine[65];
  char domain[65];
};

struct SysInfo {
  i64 uptime;
  u64 loads[3];
  u64 total_ram;
  u64 free_ram;
  u64 shared_ram;
  u64 buffer_ram;
  u64 total_swap;
  u64 free_swap;
  u16 processes;
  u16 padding[3];
  u64 total_high;
  u64 free_high;
  u32 unit;
  u32 padding2;
};
static_assert(sizeof(SysInfo) == 112);

enum PrctlOption : i32 {
  kPrSetPdeathsig = 1,
  kPrGetPdeathsig = 2,
  kPrGetDumpable = 3,
  kPrSetDumpable = 4,
  kPrGetKeepcaps = 7,
  kPrSetKeepcaps = 8,
  kPrGetTiming = 13,
  kPrSetTiming = 14,
  kPrSetName = 15,
  kPrGetName = 16,
  kPrGetSeccomp = 21,
  kPrSetSeccomp = 22,
  kPrCapbsetRead = 23,
  kPrCapbsetDrop = 24,
  kPrGetSecurebits = 27,
  kPrSetSecurebits = 28,
  kPrGetTsc = 25,
  kPrSetTsc = 26,
  kPrSetTimerslack = 29,
  kPrGetTimerslack = 30,
  kPrDisablePerfEvents = 31,
  kPrEnablePerfEvents = 32,
  kPrMceKill = 33,
  kPrMceKillGet = 34,
  kPrSetMm = 35,
  kPrSetChildSubreaper = 36,
  kPrGetChildSubreaper = 37,
  kPrSetNoNewPrivs = 38,
  kPrGetNoNewPrivs = 39,
  kPrGetTidAddress = 40,
  kPrSetThpDisable = 41,
  kPrGetThpDisable = 42,
  kPrCapAmbient = 47,
  kPrGetSpeculation = 52,
  kPrSetSpeculation = 53,
  kPrSetIoFlusher = 57,
  kPrGetIoFlusher = 58,
};

// Of PR_MCE_KILL: when a program learns of broken memory.
enum MceKill : u8 { kMceKillLate = 0, kMceKillEarly = 1, kMceKillDefault = 2 };

// Of personality: the domain in the lowest bits, and flags.
inline constexpr u32 kPersonaDomain = 0xff;
inline constexpr u32 kPersonaLinux32 = 8;
inline constexpr u32 kPersonaUname26 = 0x2'0000;

// ioprio_get and ioprio_set: a class and a level in it.
enum IoPriorityWho : i32 { kIoProcess = 1, kIoGroup = 2, kIoUser = 3 };
enum IoPriorityClass : u32 {
  kIoNone = 0,  // as its nice value says
  kIoRealTime = 1,
  kIoBestEffort = 2,
  kIoIdle = 3,
};
inline constexpr u32 kIoClassShift = 13;
inline constexpr u32 kIoLevels = 8;

// arch_prctl of x86-64.
enum ArchPrctlCode : u32 {
  kArchSetGs = 0x1001,
  kArchSetFs = 0x1002,
  kArchGetFs = 0x1003,
  kArchGetGs = 0x1004,
  kArchGetCpuid = 0x1011,
  kArchSetCpuid = 0x1012,
};

enum FutexOperation : u32 {
  kFutexWait = 0,
  kFutexWake = 1,
  kFutexRequeue = 3,
  kFutexCompareRequeue = 4,
  kFutexWakeOperation = 5,
  kFutexLockPi = 6,
  kFutexUnlockPi = 7,
  kFutexTryLockPi = 8,
  kFutexWaitBitset = 9,
  kFutexWakeBitset = 10,
  kFutexWaitRequeuePi = 11,
  kFutexCompareRequeuePi = 12,
  kFutexLockPi2 = 13,
  kFutexPrivate = 128,
  kFutexClockRealtime = 256,
};

// Of FUTEX_WAKE_OP.
enum FutexOp : u32 {
  kFutexOpSet = 0,
  kFutexOpAdd = 1,
  kFutexOpOr = 2,
  kFutexOpAndNot = 3,
  kFutexOpXor = 4,
};
enum FutexComparison : u32 {
  kFutexCmpEqual = 0,
  kFutexCmpNotEqual = 1,
  kFutexCmpLess = 2,
  kFutexCmpLessEqual = 3,
  kFutexCmpGreater = 4,
  kFutexCmpGreaterEqual = 5,
};
// futex_waitv(): one of the words.
struct FutexWaitv {
  u64 value;
  u64 address;
  u32 flags;  // kFutex32, perhaps with kFutexPrivate
  u32 reserved;
};
static_assert(sizeof(FutexWaitv) == 24);
inline constexpr u32 kFutex32 = 2;
inline constexpr u32 kMostFutexWaits = 128;

// membarrier().
enum BarrierCommand : i32 {
  kBarrierQuery = 0,
  kBarrierGlobal = 1,
  kBarrierGlobalExpedited = 2,
  kBarrierRegisterGlobal = 4,
  kBarrierPrivate = 8,
  kBarrierRegisterPrivate = 16,
  kBarrierSyncCore = 32,
  kBarrierRegisterSyncCore = 64,
};
inline constexpr i64 kBarrierAll = 127;

// In the word of a robust futex, beside its owner's tid.
inline constexpr u32 kFutexWaiters = 0x8000'0000;
inline constexpr u32 kFutexOwnerDied = 0x4000'0000;
inline constexpr u32 kFutexTidMask = 0x3fff'ffff;

inline constexpr u32 kGrndNonblock = 1;
inline constexpr u32 kGrndRandom = 2;
inline constexpr u32 kGrndInsecure = 4;

inline constexpr u64 kRobustListHeadBytes = 24;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_PROCESS_H_
