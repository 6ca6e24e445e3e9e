// Archives and executables as small as they can be, made in memory.
#ifndef ARCH_SIM_IMAGE_H_
#define ARCH_SIM_IMAGE_H_

#include <string>
#include <vector>

#include "kernel/base/types.h"

namespace tine::sim {

// A static ELF file of this architecture: one page of text at kTextAddress with
// `entry` somewhere in it, and kDataPages of data behind it, the first of which
// comes from the file and begins with `data`.
inline constexpr u64 kTextAddress = 0x40'0000;
inline constexpr u64 kDataAddress = 0x50'0000;
inline constexpr u64 kDataPages = 8;
std::string make_elf(u64 entry, u64 data);

struct ArchiveEntry {
  std::string name;
  u32 mode;
  std::string data;
};
// cpio newc, data on page boundaries.
std::string make_archive(const std::vector<ArchiveEntry>& entries);

}  // namespace tine::sim

#endif  // ARCH_SIM_IMAGE_H_
