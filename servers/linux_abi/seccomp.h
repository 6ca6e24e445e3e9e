// Filters of system calls (linux/seccomp.h, linux/filter.h).
#ifndef SERVERS_LINUX_ABI_SECCOMP_H_
#define SERVERS_LINUX_ABI_SECCOMP_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// struct sock_filter: one instruction of a classic BPF program.
struct FilterInstruction {
  u16 code;
  u8 jump_true;
  u8 jump_false;
  u32 k;
};
static_assert(sizeof(FilterInstruction) == 8);

// struct sock_fprog.
struct FilterProgram {
  u16 length;
  u8 padding[6];
  u64 instructions;  // address
};
static_assert(sizeof(FilterProgram) == 16);
inline constexpr u32 kMostFilterInstructions = 4096;
// Of all filters of a thread, each counted with four more.
inline constexpr u32 kMostFilterPath = 32768;
inline constexpr u32 kFilterPenalty = 4;

// struct seccomp_data: what a filter looks at.
struct SeccompData {
  u32 number;
  u32 arch;
  u64 pc;
  u64 arguments[6];
};
static_assert(sizeof(SeccompData) == 64);

enum SeccompMode : u8 {
  kSeccompOff = 0,
  kSeccompStrict = 1,
  kSeccompFilter = 2,
};

enum SeccompOperation : u32 {
  kSeccompSetStrict = 0,
  kSeccompSetFilter = 1,
  kSeccompGetActionAvail = 2,
  kSeccompGetNotifSizes = 3,
};
inline constexpr u32 kSeccompTsync = 1;
inline constexpr u32 kSeccompLog = 2;
inline constexpr u32 kSeccompSpecAllow = 4;
inline constexpr u32 kSeccompTsyncEsrch = 16;

// What a filter answers, in the upper half; the lower is data.
enum SeccompAction : u32 {
  kSeccompKillProcess = 0x8000'0000,
  kSeccompKillThread = 0,
  kSeccompTrap = 0x3'0000,
  kSeccompErrno = 0x5'0000,
  kSeccompNotify = 0x7fc0'0000,
  kSeccompTrace = 0x7ff0'0000,
  kSeccompLogged = 0x7ffc'0000,
  kSeccompAllow = 0x7fff'0000,
};
inline constexpr u32 kSeccompActionMask = 0xffff'0000;
inline constexpr u32 kSeccompDataMask = 0xffff;
inline constexpr i32 kMostErrno = 4095;

inline constexpr i32 kSysSeccomp = 1;  // si_code of SIGSYS

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SECCOMP_H_
