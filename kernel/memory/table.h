// Page tables as this folder sees them: entries, levels, who refers to what.
//
//   level 3 (root)      2             1             0
//   512 GiB entries --> 1 GiB ------> 2 MiB ------> 4 KiB leaves
//
// An entry is empty, a table (levels 1 to 3), a leaf (level 0), a demand-zero
// mark (any level, standing for all below it) or a kept frame without access
// (level 0).
#ifndef KERNEL_MEMORY_TABLE_H_
#define KERNEL_MEMORY_TABLE_H_

#include "arch/hw/page_table_format.h"
#include "arch/hw/phys_map.h"
#include "kernel/memory/pool.h"
#include "kernel/memory/teardown.h"

namespace tine {

using Format = hw::PageTableFormat;

inline constexpr unsigned kTableEntries = 512;
inline constexpr unsigned kRootLevel = Format::kLevels - 1;
inline constexpr unsigned kGroupEntries = 16;  // per bit of FrameInfo::live
inline constexpr u32 kAllLive = ~u32{0};

// Words of Space::root_live that can have bits: the user part of the root.
inline constexpr unsigned kRootWords =
    Format::index({Format::kUserTop - 1}, kRootLevel) / 64 + 1;

// The table that a slot is in.
inline Frame table_of(const u64* slot) {
  return Frame::containing(hw::virt_to_phys(slot));
}

// Pages that one entry of a table of that level spans.
constexpr u64 entry_pages(unsigned level) { return u64{1} << (9 * level); }

inline u64* table_entries(Frame table) {
  return reinterpret_cast<u64*>(hw::phys_to_virt(table.address()));
}

inline Frame entry_frame(u64 entry) {
  return Frame::containing(Format::address(entry));
}

// Of a present entry that points at a table.
inline u64* entry_table(u64 entry) {
  return reinterpret_cast<u64*>(
      hw::phys_to_virt({entry & Format::kAddressMask}));
}

// Of a level-0 entry: does it hold a frame?
inline bool holds_frame(u64 entry) {
  return Format::is_present(entry) || Format::is_kept(entry);
}

// Rights as tables can hold them: whatever can be accessed can be read.
constexpr u8 normal_rights(u8 rights) {
  rights &= kRead | kWrite | kExecute;
  return rights == 0 ? rights : static_cast<u8>(rights | kRead);
}

inline u64 make_page_entry(PhysAddr frame, u8 rights, bool shared) {
  return rights == 0 ? Format::make_none(frame, shared)
                     : Format::make_leaf(frame, rights, shared);
}

inline void drop_table(Frame table) {
  if (frame_unref(frame_info(table))) {
    teardown_push(table);
  }
}

// Drops the reference of a level-0 entry; device memory has no count.
inline void drop_leaf(u64 entry) {
  const Frame frame = entry_frame(entry);
  if (frame_is_ram(frame) && frame_unref(frame_info(frame))) {
    frame_release(frame);
  }
}

// Drops whatever `entry` of a table of that level refers to.
inline void drop_entry(u64 entry, unsigned level) {
  if (Format::is_table(entry, level)) {
    drop_table(entry_frame(entry));
  } else if (level == 0 && holds_frame(entry)) {
    drop_leaf(entry);
  }
}

}  // namespace tine

#endif  // KERNEL_MEMORY_TABLE_H_
