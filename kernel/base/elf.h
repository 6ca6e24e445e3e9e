// The headers of a static ELF64 file (System V gABI, chapters 4 and 5), and
// what the kernel and root check before they start a server from one. The
// process server, which starts programs, has Linux's rules
// (servers/linux_abi/elf.h).
#ifndef KERNEL_BASE_ELF_H_
#define KERNEL_BASE_ELF_H_

#include "kernel/base/address.h"

namespace tine::elf {

struct FileHeader {
  u8 identification[16];
  u16 type;
  u16 machine;
  u32 version;
  u64 entry;
  u64 program_offset;  // of the program headers in the file
  u64 section_offset;
  u32 flags;
  u16 header_bytes;
  u16 program_entry_bytes;
  u16 program_count;
  u16 section_entry_bytes;
  u16 section_count;
  u16 string_section;
};
static_assert(sizeof(FileHeader) == 64);

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

inline constexpr u16 kTypeExecutable = 2;
inline constexpr u16 kTypeShared = 3;  // also static PIE
inline constexpr u16 kMachineX86_64 = 62;
inline constexpr u16 kMachineAArch64 = 183;
inline constexpr u32 kLoad = 1;
inline constexpr u32 kInterpreter = 3;
inline constexpr u32 kFlagExecute = 1;
inline constexpr u32 kFlagWrite = 2;
inline constexpr u32 kFlagRead = 4;

// The ELF magic, 64 bit, little endian, current version.
constexpr bool has_magic(const FileHeader& header) {
  return header.identification[0] == 0x7f && header.identification[1] == 'E' &&
         header.identification[2] == 'L' && header.identification[3] == 'F' &&
         header.identification[4] == 2 && header.identification[5] == 1 &&
         header.identification[6] == 1;
}

// A file of `file_bytes` that the kernel and root can start: not
// position-independent, with its program headers inside.
constexpr bool is_static_executable(const FileHeader& header, u64 file_bytes) {
  return has_magic(header) && header.type == kTypeExecutable &&
         header.program_entry_bytes == sizeof(ProgramHeader) &&
         header.program_offset <= file_bytes &&
         header.program_count <=
             (file_bytes - header.program_offset) / sizeof(ProgramHeader);
}

// A PT_LOAD that can be mapped from a file of `file_size` bytes below
// `address_end`: no wrap, within both, offset and address agree modulo a page.
constexpr bool is_loadable(const ProgramHeader& segment, u64 file_size,
                           u64 address_end) {
  return segment.file_bytes <= segment.memory_bytes &&
         segment.offset <= file_size &&
         segment.file_bytes <= file_size - segment.offset &&
         segment.address < address_end &&
         segment.memory_bytes <= address_end - segment.address &&
         ((segment.offset ^ segment.address) & kPageMask) == 0;
}

// PF_* as the kernel's Rights (read 1, write 2, execute 4).
constexpr u8 rights_of(u32 flags) {
  return static_cast<u8>(((flags & kFlagRead) != 0 ? 1 : 0) |
                         ((flags & kFlagWrite) != 0 ? 2 : 0) |
                         ((flags & kFlagExecute) != 0 ? 4 : 0));
}

}  // namespace tine::elf

#endif  // KERNEL_BASE_ELF_H_
