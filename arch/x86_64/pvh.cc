#include "arch/x86_64/pvh.h"

#include "kernel/boot_ranges.h"

namespace tine::hw {
namespace {

// xen: xen/include/public/arch-x86/hvm/start_info.h
struct StartInfo {
  u32 magic;
  u32 version;
  u32 flags;
  u32 module_count;
  u64 modules;
  u64 command_line;
  u64 rsdp;
  u64 memory_map;  // version 1 and up
  u32 memory_map_count;
  u32 reserved;
};
static_assert(sizeof(StartInfo) == 56);
struct Module {
  u64 address;
  u64 bytes;
  u64 command_line;
  u64 reserved;
};
struct MemoryMapEntry {
  u64 address;
  u64 bytes;
  u32 type;  // as in E820: 1 = RAM
  u32 reserved;
};
constexpr u32 kMagic = 0x336e'c578;
constexpr u32 kMaxMemoryMap = 128;
constexpr u32 kTypeRam = 1;

}  // namespace

const char* pvh_parse(const MemoryView& memory, u64 start_info,
                      BootMemory& boot, PvhInfo& info) {
  StartInfo start;
  if (!memory.read(start_info, start) || start.magic != kMagic) {
    return "no PVH start information";
  }
  if (start.version < 1 || start.memory_map_count == 0) {
    return "the loader gives no memory map";
  }
  if (start.memory_map_count > kMaxMemoryMap) {
    return "the memory map is too long";
  }
  for (u32 i = 0; i < start.memory_map_count; ++i) {
    MemoryMapEntry entry;
    if (!memory.read(start.memory_map + i * sizeof(entry), entry)) {
      return "the memory map is out of reach";
    }
    if (entry.address + entry.bytes < entry.address) continue;
    const bool added =
        entry.type == kTypeRam
            ? range_add_inside(boot.usable, boot.usable_count, entry.address,
                               entry.address + entry.bytes)
            : range_add_around(boot.reserved, boot.reserved_count,
                               entry.address, entry.address + entry.bytes);
    if (!added) return "too many memory ranges";
  }
  if (start.module_count > 0) {
    Module initrd;
    if (!memory.read(start.modules, initrd) ||
        initrd.address + initrd.bytes < initrd.address) {
      return "the initrd is out of reach";
    }
    boot.initrd_begin = {initrd.address};
    boot.initrd_end = {initrd.address + initrd.bytes};
  }
  info.rsdp = start.rsdp;
  info.command_line = start.command_line;
  return nullptr;
}

void pvh_copy_text(const MemoryView& memory, u64 address, char* to, u64 size) {
  u64 length = 0;
  while (address != 0 && length + 1 < size &&
         memory.read(address + length, to[length]) && to[length] != 0) {
    ++length;
  }
  to[length] = 0;
}

}  // namespace tine::hw
