// open(), fcntl(), *at() and lseek() flags (asm-generic/fcntl.h). Those of
// open() that differ per architecture come from arch/fcntl.h.
#ifndef SERVERS_LINUX_ABI_FCNTL_H_
#define SERVERS_LINUX_ABI_FCNTL_H_

#include "servers/linux_abi/arch/fcntl.h"

namespace tine::linux_abi {

inline constexpr u32 kOpenAccessMode = 03;
inline constexpr u32 kOpenReadOnly = 00;
inline constexpr u32 kOpenWriteOnly = 01;
inline constexpr u32 kOpenReadWrite = 02;
inline constexpr u32 kOpenCreate = 0100;
inline constexpr u32 kOpenExclusive = 0200;
inline constexpr u32 kOpenNoCtty = 0400;
inline constexpr u32 kOpenTruncate = 01000;
inline constexpr u32 kOpenAppend = 02000;
inline constexpr u32 kOpenNonBlock = 04000;
inline constexpr u32 kOpenDsync = 010000;
inline constexpr u32 kOpenAsync = 020000;
inline constexpr u32 kOpenNoAtime = 01000000;
inline constexpr u32 kOpenCloseOnExec = 02000000;
inline constexpr u32 kOpenSync = 04010000;
inline constexpr u32 kOpenPath = 010000000;
inline constexpr u32 kOpenTmpFile = 020000000 | kOpenDirectory;

enum FcntlCommand : i32 {
  kDupFd = 0,
  kGetFd = 1,
  kSetFd = 2,
  kGetFl = 3,
  kSetFl = 4,
  kGetLk = 5,
  kSetLk = 6,
  kSetLkw = 7,
  kSetOwn = 8,
  kGetOwn = 9,
  kGetSignal = 11,
  kSetSignal = 10,
  kSetOwnEx = 15,
  kGetOwnEx = 16,
  kOfdGetLk = 36,
  kOfdSetLk = 37,
  kOfdSetLkw = 38,
  kSetLease = 1024,
  kGetLease = 1025,
  kDupFdCloseOnExec = 1030,
  kSetPipeSize = 1031,
  kGetPipeSize = 1032,
  kAddSeals = 1033,
  kGetSeals = 1034,
  kGetWriteHint = 1035,
  kSetWriteHint = 1036,
};
// F_ADD_SEALS.
inline constexpr u32 kSealSeal = 1;
inline constexpr u32 kSealShrink = 2;
inline constexpr u32 kSealGrow = 4;
inline constexpr u32 kSealWrite = 8;
inline constexpr u32 kSealFutureWrite = 16;
inline constexpr u32 kSealExecute = 32;
inline constexpr u32 kSealAll = 63;

inline constexpr u32 kFdCloseOnExec = 1;
inline constexpr i64 kUnlocked = 2;  // F_UNLCK

inline constexpr i32 kAtFdCwd = -100;
inline constexpr u32 kAtSymlinkNoFollow = 0x100;
inline constexpr u32 kAtRemoveDir = 0x200;  // AT_EACCESS for faccessat2
inline constexpr u32 kAtEaccess = 0x200;
inline constexpr u32 kAtSymlinkFollow = 0x400;
inline constexpr u32 kAtNoAutomount = 0x800;
inline constexpr u32 kAtEmptyPath = 0x1000;

enum Whence : i32 {
  kSeekSet = 0,
  kSeekCur = 1,
  kSeekEnd = 2,
  kSeekData = 3,
  kSeekHole = 4,
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_FCNTL_H_
