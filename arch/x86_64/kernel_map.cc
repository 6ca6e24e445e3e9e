#include "arch/x86_64/kernel_map.h"

#include "arch/hw/copy_page.h"
#include "arch/hw/mmu.h"
#include "arch/hw/page_table_format.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {
namespace {

using Format = PageTableFormat;

// From kernel.lds and boot.S, in this order.
extern "C" {
extern const u8 kernel_image_begin[];  // text
extern const u8 kernel_rodata_begin[];
extern const u8 kernel_boot_image_begin[];
extern const u8 kernel_data_begin[];  // to the end writable
extern const u8 kernel_stack_guard[];
extern const u8 kernel_image_end[];
}

constexpr u64 kHugeBytes = u64{2} << 20;
constexpr u64 kGib = u64{1} << 30;
constexpr u64 kTable = Format::kPresent | Format::kHardwareWritable;
constexpr u64 kReadOnly = Format::kPresent | Format::kAccessed |
                          Format::kDirty | Format::kGlobal | Format::kNoExecute;
constexpr u64 kData = kReadOnly | Format::kHardwareWritable;
constexpr u64 kText = kReadOnly & ~Format::kNoExecute;

u64 next_table;  // physical

u64* take_table() {
  u8* table = phys_to_virt({next_table});
  next_table += kPageSize;
  zero_page(table);
  return reinterpret_cast<u64*>(table);
}

// The entry of `va` at `level`, with tables made on the way.
u64& entry_of(u64 va, unsigned level) {
  u64* table = kernel_root;
  for (unsigned at = Format::kLevels - 1; at > level; --at) {
    u64& entry = table[Format::index({va}, at)];
    if (entry == 0) entry = virt_to_phys(take_table()).value | kTable;
    table = reinterpret_cast<u64*>(phys_to_virt(Format::address(entry)));
  }
  return table[Format::index({va}, level)];
}

void map_page(u64 va, u64 physical, u64 flags) {
  entry_of(va, 0) = physical | flags;
}

u64 physical(const u8* image_address) {
  return image_to_phys(image_address).value;
}

// RAM as the kernel sees it there: all writable but the kernel's own text and
// constants, whose 2 MiB pages are split.
void map_ram(const PhysRange& range) {
  const u64 constants_begin = physical(kernel_image_begin);
  const u64 constants_end = physical(kernel_boot_image_begin);
  for (u64 at = range.begin.value & ~(kHugeBytes - 1); at < range.end.value;
       at += kHugeBytes) {
    const u64 va = PHYS_MAP_BASE + at;
    if (at + kHugeBytes <= constants_begin || at >= constants_end) {
      entry_of(va, 1) = at | kData | Format::kHuge;
      continue;
    }
    for (u64 page = 0; page < kHugeBytes; page += kPageSize) {
      const bool constant =
          at + page >= constants_begin && at + page < constants_end;
      map_page(va + page, at + page, constant ? kReadOnly : kData);
    }
  }
}

void map_device(PhysAddr device) {
  if (device.value == 0 || device.value >= kPhysMapBytes) return;
  const u64 at = device.value & ~(kHugeBytes - 1);
  u64& entry = entry_of(PHYS_MAP_BASE + at, 1);
  if (entry == 0) entry = at | kData | Format::kHuge | Format::kUncached;
}

void map_image() {
  for (const u8* at = kernel_image_begin; at < kernel_image_end;
       at += kPageSize) {
    u64 flags = kData;
    if (at < kernel_data_begin) flags = kReadOnly;
    if (at < kernel_rodata_begin) flags = kText;
    if (at == kernel_stack_guard) continue;
    map_page(reinterpret_cast<u64>(at), physical(at), flags);
  }
}

}  // namespace

u64 kernel_map_frames(const BootMemory& memory) {
  // Level 2 of both slots, level 1 for each GiB begun, level 0 for each 2 MiB
  // begun of the image and of its alias, three device pages in other GiBs.
  u64 frames = 2 + 3;
  for (unsigned i = 0; i < memory.usable_count; ++i) {
    const PhysRange& range = memory.usable[i];
    frames += (range.end.value - 1) / kGib - range.begin.value / kGib + 1;
  }
  const u64 image_bytes =
      physical(kernel_image_end) - physical(kernel_image_begin);
  return frames + 2 * (image_bytes / kHugeBytes + 2) + 1;
}

PhysAddr kernel_map_build(const BootMemory& memory, const Machine& machine,
                          PhysAddr tables) {
  next_table = tables.value;
  for (unsigned i = 0; i < memory.usable_count; ++i) map_ram(memory.usable[i]);
  map_device(machine.local_apic);
  map_device(machine.io_apic);
  map_device(machine.hpet);
  map_image();
  load_no_space();
  return {next_table};
}

PhysRange kernel_image_range() {
  return {{physical(kernel_image_begin)}, {physical(kernel_image_end)}};
}

}  // namespace tine::hw
