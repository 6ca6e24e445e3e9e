#include "arch/aarch64/kernel_tables.h"

#include "arch/hw/image.h"
#include "arch/hw/machine.h"
#include "arch/hw/page_table_format.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {
namespace {

using Format = PageTableFormat;

// Never for user mode: AP[1] and nG stay 0.
constexpr u64 kNoExecute = Format::kPrivilegedNever | Format::kUserNever;
constexpr u64 kData = Format::kNormalMemory | Format::kInnerShareable |
                      Format::kAccessed | kNoExecute;
constexpr u64 kReadOnlyData = kData | Format::kApReadOnly;
constexpr u64 kText = kReadOnlyData & ~Format::kPrivilegedNever;
constexpr u64 kDevice = Format::kDeviceMemory | Format::kAccessed | kNoExecute;

struct alignas(kPageSize) Table {
  u64 entries[Format::kEntries];
};

// Enough for 32 ranges of RAM, the image and the devices, each with its ragged
// ends. They are reached through the image's mapping.
constexpr unsigned kMaxTables = 96;
Table tables[kMaxTables];
unsigned tables_used = 0;
bool exhausted = false;

Table* take_table() {
  if (tables_used == kMaxTables) {
    exhausted = true;
    return nullptr;
  }
  return &tables[tables_used++];
}

Table* table_at(PhysAddr address) {
  return reinterpret_cast<Table*>(kImageBase + address.value - image_physical);
}

// Of one entry at `level`.
constexpr u64 level_bytes(unsigned level) { return kPageSize << 9 * level; }

// Maps in the largest blocks that fit; levels 1 and 2 have blocks. Where a
// block is already, it stays.
void map_range(Table* root, u64 va, u64 physical, u64 bytes, u64 attributes) {
  const u64 end = va + bytes;  // may be 0: the end of all addresses
  while (va != end && !exhausted) {
    Table* table = root;
    unsigned level = 3;
    for (;; --level) {
      const u64 size = level_bytes(level);
      const bool fits =
          level <= 2 && ((va | physical) & (size - 1)) == 0 && end - va >= size;
      u64& entry = table->entries[Format::index(VirtAddr{va}, level)];
      if (level == 0 || (fits && entry == 0)) {
        const u64 type = level == 0 ? Format::kTableOrPage : 0;
        entry = physical | attributes | Format::kValid | type;
        break;
      }
      if (entry == 0) {
        const Table* next = take_table();
        if (next == nullptr) return;
        entry = Format::make_table(image_to_phys(next));
      } else if (!Format::is_table(entry, level)) {
        break;
      }
      table = table_at(Format::address(entry));
    }
    const u64 next = level_bytes(level) - (va & (level_bytes(level) - 1));
    const u64 step = next < end - va ? next : end - va;
    va += step;
    physical += step;
  }
}

void map_image(Table* root, const u8* begin, const u8* end, u64 attributes) {
  map_range(root, reinterpret_cast<u64>(begin), image_to_phys(begin).value,
            static_cast<u64>(end - begin), attributes);
}

void map_physical(Table* root, PhysAddr begin, PhysAddr end, u64 attributes) {
  if (begin >= end) return;
  map_range(root, kPhysMapBase + begin.value, begin.value,
            end.value - begin.value, attributes);
}

void map_device(Table* root, MachineRange device) {
  map_physical(root, {page_round_down(device.base)},
               {page_round_up(device.base + device.bytes)}, kDevice);
}

}  // namespace

PhysAddr build_kernel_tables(const BootMemory& memory) {
  Table* root = take_table();
  map_image(root, image_start, text_end, kText);
  map_image(root, text_end, rodata_end, kReadOnlyData);
  map_image(root, rodata_end, stacks_begin, kData);
  map_image(root, kernel_stack_bottom, kernel_stack_top, kData);
  map_image(root, panic_stack_bottom, panic_stack_top, kData);

  // What is read-only in the image is so here too.
  const PhysAddr fixed_begin = image_to_phys(image_start);
  const PhysAddr fixed_end = image_to_phys(rodata_end);
  for (unsigned i = 0; i < memory.usable_count; ++i) {
    const PhysRange range = memory.usable[i];
    if (range.end <= fixed_begin || range.begin >= fixed_end) {
      map_physical(root, range.begin, range.end, kData);
      continue;
    }
    map_physical(root, range.begin, fixed_begin, kData);
    map_physical(root, fixed_begin, fixed_end, kReadOnlyData);
    map_physical(root, fixed_end, range.end, kData);
  }

  map_device(root, machine.uart);
  map_device(root, machine.distributor);
  map_device(root, machine.cpu_interface);
  map_device(root, machine.real_time_clock);
  return exhausted ? PhysAddr{} : image_to_phys(root);
}

}  // namespace tine::hw
