// ELF64 files and the auxiliary vector (linux/elf.h, linux/auxvec.h).
#ifndef SERVERS_LINUX_ABI_ELF_H_
#define SERVERS_LINUX_ABI_ELF_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

struct ElfHeader {
  u8 identification[16];
  u16 type;
  u16 machine;
  u32 version;
  u64 entry;
  u64 program_offset;
  u64 section_offset;
  u32 flags;
  u16 header_bytes;
  u16 program_entry_bytes;
  u16 program_count;
  u16 section_entry_bytes;
  u16 section_count;
  u16 string_section;
};
static_assert(sizeof(ElfHeader) == 64);

struct ProgramHeader {
  u32 type;
  u32 flags;
  u64 offset;
  u64 address;
  u64 physical;
  u64 file_bytes;
  u64 memory_bytes;
  u64 align;
};
static_assert(sizeof(ProgramHeader) == 56);

inline constexpr u8 kElfClass64 = 2;
inline constexpr u8 kElfLittleEndian = 1;
inline constexpr u16 kElfExecutable = 2;
inline constexpr u16 kElfDynamic = 3;
inline constexpr u32 kSegmentLoad = 1;
inline constexpr u32 kSegmentInterpreter = 3;
inline constexpr u32 kSegmentExecute = 1;
inline constexpr u32 kSegmentWrite = 2;
inline constexpr u32 kSegmentRead = 4;

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
  kAuxMinSigStack = 51,
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_ELF_H_
