#include "kernel/memory/path.h"

#include "arch/hw/mmu.h"
#include "kernel/base/check.h"
#include "kernel/memory/fork_table.h"

namespace tine {
namespace {

// Frames for tables, taken before anything changes.
struct Stock {
  Frame frames[Format::kLevels];
  unsigned count = 0;

  // All zero bytes.
  Frame use() {
    check(count > 0);
    return frames[--count];
  }
  void give_back() {
    while (count > 0) {
      frame_release(frames[--count], FrameContent::kZero);
    }
  }
  bool fill(Pool& pool, unsigned wanted) {
    while (count < wanted) {
      const Frame frame = frame_take(pool, FrameType::kTable, true);
      if (frame == kNoFrame) {
        give_back();
        return false;
      }
      frames[count++] = frame;
    }
    return true;
  }
};

// The common case in one walk: true if nothing has to be done.
bool path_is_own(const Space& space, VirtAddr va, unsigned level, Path& path) {
  u64* table = table_entries(space.root);
#pragma clang loop unroll(full)
  for (unsigned at = kRootLevel;; --at) {
    u64* const slot = table + Format::index(va, at);
    path.slots[at] = slot;
    if (at == level) {
      return true;
    }
    const u64 entry = *slot;
    if (!Format::is_table(entry, at) || !Format::hardware_writable(entry)) {
      return false;
    }
    // Read-only bits come with every second reference (I3).
    table = entry_table(entry);
  }
}

// How many tables path_own has to make.
unsigned tables_needed(const Space& space, VirtAddr va, unsigned level) {
  unsigned needed = 0;
  Frame table = space.root;
  for (unsigned at = kRootLevel; at > level; --at) {
    const u64 entry = table_entries(table)[Format::index(va, at)];
    if (!Format::is_table(entry, at)) {
      return needed + (at - level);
    }
    table = entry_frame(entry);
    // Below a shared table all tables are shared: the copy adds a reference.
    needed += needed > 0 || frame_info(table).refs > 1;
  }
  return needed;
}

// A table that says the same as `entry` in the level above: empty or a mark.
void init_table(Frame table, unsigned level, u64 entry) {
  FrameInfo& info = frame_info(table);
  info.level = static_cast<u8>(level);
  if (entry != 0) {
    u64* const entries = table_entries(table);
    for (unsigned i = 0; i < kTableEntries; ++i) {
      entries[i] = entry;
    }
    info.live = kAllLive;
  }
}

// The whole walk of path_own; the stock is known to suffice. Copies and new
// tables form one chain, which becomes visible by one store at its top.
void build(Space& space, VirtAddr va, unsigned level, Stock& stock,
           Path& path) {
  u64* hook = nullptr;  // where the chain will hang
  u64 hook_entry = 0;
  unsigned hook_level = 0;
  Frame replaced = kNoFrame;
  bool raised = false;

  Frame table = space.root;
  for (unsigned at = kRootLevel; at > level; --at) {
    u64* const slot = table_entries(table) + Format::index(va, at);
    path.slots[at] = slot;
    const u64 entry = *slot;
    const bool exists = Format::is_table(entry, at);
    if (exists) {
      table = entry_frame(entry);
      if (frame_info(table).refs == 1) {
        if (!Format::hardware_writable(entry)) {
          hw::store_entry(slot, Format::clear_read_only(entry));
          raised = true;
        }
        continue;
      }
    }
    const Frame made = stock.use();
    if (exists) {
      fork_table(table, made, at - 1);
    } else {
      init_table(made, at - 1, entry);
    }
    const u64 made_entry = Format::make_table(made.address());
    if (hook == nullptr) {
      hook = slot;
      hook_entry = made_entry;
      hook_level = at;
      replaced = exists ? table : kNoFrame;
    } else {
      // `slot` is in a table that nothing points at yet.
      *slot = made_entry;
      if (exists) {
        drop_table(table);  // never the last: the original refers to it
      } else {
        frame_info(table_of(slot)).live |=
            u32{1} << (Format::index(va, at) / kGroupEntries);
      }
    }
    table = made;
  }
  // NOLINTNEXTLINE(clang-analyzer-security.ArrayBound): below Format::kLevels
  path.slots[level] = table_entries(table) + Format::index(va, level);

  if (hook != nullptr) {
    if (replaced != kNoFrame) {
      replace_entry(space, hook, va, hook_entry);
      drop_table(replaced);
      return;
    }
    path_store(space, path, hook_level, 0, hook_entry);
  }
  if (raised) {
    invalidate_page(space, va);
  }
}

Status make_own(Space& space, VirtAddr va, unsigned level, unsigned tables,
                Path& path) {
  Stock stock;
  if (tables > 0 && !stock.fill(*space.pool, tables)) {
    return Status::kNoMemory;
  }
  build(space, va, level, stock, path);
  // Taking frames may have run teardown, which may have left us sole owner.
  stock.give_back();
  return Status::kOk;
}

}  // namespace

Look look_up(const Space& space, VirtAddr va) {
  Look look;
  look.tables_writable = true;
  look.shared_tables = 0;
  u64* table = table_entries(space.root);
#pragma clang loop unroll(full)
  for (unsigned level = kRootLevel;; --level) {
    u64* const slot = table + Format::index(va, level);
    const u64 entry = *slot;
    look.path.slots[level] = slot;
    if (!Format::is_table(entry, level)) {
      look.entry = entry;
      look.level = level;
      return look;
    }
    table = entry_table(entry);
    if (!Format::hardware_writable(entry)) [[unlikely]] {
      look.tables_writable = false;
      // Only then, by I3.
      if (look.shared_tables == 0 && frame_info(table_of(table)).refs > 1) {
        look.shared_tables = level;
      }
    }
  }
}

Status path_own(Space& space, VirtAddr va, unsigned level, Path& path) {
  if (path_is_own(space, va, level, path)) {
    return Status::kOk;
  }
  return make_own(space, va, level, tables_needed(space, va, level), path);
}

Status path_own(Space& space, VirtAddr va, const Look& look, Path& path) {
  if (look.shared_tables > 0) {
    return make_own(space, va, 0, look.shared_tables, path);
  }
  path = look.path;
  for (unsigned at = kRootLevel; at > 0; --at) {
    const u64 entry = *path.slots[at];
    if (!Format::hardware_writable(entry)) {
      hw::store_entry(path.slots[at], Format::clear_read_only(entry));
    }
  }
  invalidate_page(space, va);
  return Status::kOk;
}

void path_count(Space& space, const Path& path, unsigned level, i64 pages) {
  for (unsigned at = level; at < kRootLevel; ++at) {
    table_pages(frame_info(table_of(path.slots[at]))) +=
        static_cast<u32>(pages);
  }
  space.rss += static_cast<u64>(pages);
}

void path_store(Space& space, const Path& path, unsigned level, unsigned offset,
                u64 entry) {
  u64* const slot = path.slots[level] + offset;
  hw::store_entry(slot, entry);
  const u64 index = reinterpret_cast<u64>(slot) / sizeof(u64) % kTableEntries;
  if (level < kRootLevel) {
    if (entry != 0) {
      frame_info(table_of(slot)).live |= u32{1} << (index / kGroupEntries);
    }
    return;
  }
  const u64 bit = u64{1} << (index % 64);
  if (entry != 0) {
    space.root_live[index / 64] |= bit;
  } else {
    space.root_live[index / 64] &= ~bit;
  }
}

void path_note_run(const Path& path, unsigned level, u64 count) {
  if (count == 0) {
    return;
  }
  const u64* const slot = path.slots[level];
  const u64 index = reinterpret_cast<u64>(slot) / sizeof(u64) % kTableEntries;
  const u64 first = index / kGroupEntries;
  const u64 last = (index + count - 1) / kGroupEntries;
  frame_info(table_of(slot)).live |=
      kAllLive << first & kAllLive >> (31 - last);
}

void replace_entry(Space& space, u64* slot, VirtAddr va, u64 entry) {
  hw::store_entry(slot, 0);
  invalidate_page(space, va);
  hw::store_entry(slot, entry);
}

Status check_range(VirtAddr va, u64 pages) {
  const bool valid = va.page_offset() == 0 && va.value < Format::kUserTop &&
                     pages <= (Format::kUserTop - va.value) >> kPageShift;
  return valid ? Status::kOk : Status::kInvalid;
}

void make_fetchable(Frame frame) {
  if (!frame_is_ram(frame)) {
    return;
  }
  FrameInfo& info = frame_info(frame);
  if (info.level != kFetchable) {
    hw::sync_icache(hw::phys_to_virt(frame.address()), kPageSize);
    info.level = kFetchable;
  }
}

}  // namespace tine
