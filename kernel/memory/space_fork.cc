// A second space with the same memory: constant time in the size of it.
#include <bit>

#include "kernel/memory/fork_table.h"
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"
#include "kernel/memory/space_init.h"

namespace tine {
namespace {

// Shares the root's children, which freezes them. Only the root itself is
// copied, by its exact bitmap: a scan would cost more than all else. Returns
// whether `source` lost a write permission.
bool share_root(Space& source, Space& destination) {
  u64* const from = table_entries(source.root);
  u64* const to = table_entries(destination.root);
  bool lost = false;
  for (unsigned word = 0; word < kRootWords; ++word) {
    const u64 live = source.root_live[word];
    destination.root_live[word] = live;
    for (u64 left = live; left != 0; left &= left - 1) {
      const unsigned i =
          word * 64 + static_cast<unsigned>(std::countr_zero(left));
      const u64 entry = from[i];
      const u64 forked = fork_entry(entry, kRootLevel);
      to[i] = forked;
      if (forked != entry) {
        __atomic_store_n(&from[i], forked, __ATOMIC_RELAXED);
        lost = true;
      }
    }
  }
  return lost;
}

// A copy of the table and of all tables below; kNoFrame: out of frames, with
// nothing left of it but read-only bits in the source, which are harmless.
Frame copy_tables(Pool& pool, Frame source, unsigned level) {
  const Frame copy = frame_take(pool, FrameType::kTable, true);
  if (copy == kNoFrame) {
    return kNoFrame;
  }
  fork_table(source, copy, level);
  if (level == 0) {
    return copy;
  }
  u64* const entries = table_entries(copy);
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const u64 entry = entries[i];
    if (!Format::is_table(entry, level)) {
      continue;
    }
    const Frame child = entry_frame(entry);
    const Frame child_copy = copy_tables(pool, child, level - 1);
    if (child_copy == kNoFrame) {
      drop_table(copy);
      return kNoFrame;
    }
    entries[i] = Format::make_table(child_copy.address());
    drop_table(child);
  }
  return copy;
}

// After share_root: gives `destination` tables of its own, all of them.
bool unshare_all(Space& destination) {
  u64* const entries = table_entries(destination.root);
  for (unsigned i = 0; i < kRootWords * 64; ++i) {
    if ((destination.root_live[i / 64] >> (i % 64) & 1) == 0 ||
        !Format::is_table(entries[i], kRootLevel)) {
      continue;
    }
    const Frame child = entry_frame(entries[i]);
    const Frame copy = copy_tables(*destination.pool, child, kRootLevel - 1);
    if (copy == kNoFrame) {
      return false;
    }
    entries[i] = Format::make_table(copy.address());
    drop_table(child);
  }
  return true;
}

}  // namespace

Status space_fork(Space& source, Space& destination, Pool& pool, u64 badge,
                  ForkMode mode) {
  const Status status = space_init(destination, pool, source.kind, badge);
  if (status != Status::kOk) {
    return status;
  }
  const bool lost = share_root(source, destination);
  destination.rss = source.rss;
  if (lost) {
    invalidate_space(source);
  }
  if (mode == ForkMode::kEager && !unshare_all(destination)) {
    space_destroy(destination);
    return Status::kNoMemory;
  }
  return Status::kOk;
}

}  // namespace tine
