// ELF64 files, under the names that the process server has for them, and the
// auxiliary vector (linux/elf.h, linux/auxvec.h).
#ifndef SERVERS_LINUX_ABI_ELF_H_
#define SERVERS_LINUX_ABI_ELF_H_

#include "kernel/base/elf.h"

namespace tine::linux_abi {

using ElfHeader = elf::FileHeader;
using ProgramHeader = elf::ProgramHeader;

inline constexpr u8 kElfClass64 = 2;
inline constexpr u8 kElfLittleEndian = 1;
inline constexpr u16 kElfExecutable = elf::kTypeExecutable;
inline constexpr u16 kElfDynamic = elf::kTypeShared;
inline constexpr u32 kSegmentLoad = elf::kLoad;
inline constexpr u32 kSegmentInterpreter = elf::kInterpreter;
inline constexpr u32 kSegmentExecute = elf::kFlagExecute;
inline constexpr u32 kSegmentWrite = elf::kFlagWrite;
inline constexpr u32 kSegmentRead = elf::kFlagRead;

enum AuxType : u64 {
  kAuxNull = 0,
  kAuxPhdr = 3,
  kAuxPhent = 4,
  kAuxPhnum = 5,
  kAuxPageSize = 6,
  kAuxBase = 7,
  kAuxFlags = 8,
  kAuxEntry = 9,
  kAuxUid = 11,
  kAuxEuid = 12,
  kAuxGid = 13,
  kAuxEgid = 14,
  kAuxPlatform = 15,
  kAuxHwcap = 16,
  kAuxClockTicks = 17,
  kAuxSecure = 23,
  kAuxRandom = 25,
  kAuxHwcap2 = 26,
  kAuxExecName = 31,
  kAuxVdso = 33,  // AT_SYSINFO_EHDR
  kAuxMinSigStack = 51,
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_ELF_H_
