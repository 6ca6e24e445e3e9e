// Marking, unmapping and protecting ranges, 64 entries at a time.
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"

namespace tine {
namespace {

// To find an entry as it shall be costs a fraction of changing it.
constexpr unsigned kLooksPerChange = 8;

// What is left to do of a range operation within this call.
struct Range {
  Space& space;
  VirtAddr va;
  u64 pages;
  unsigned quantum = kQuantum;
  unsigned looks = 0;
  u64 done = 0;

  void advance(u64 count) {
    va = va + count * kPageSize;
    pages -= count;
    done += count;
    --quantum;
  }
  // The same for entries that only had to be looked at.
  void pass(u64 count, unsigned entries) {
    advance(count);
    ++quantum;
    looks += entries;
    quantum -= looks / kLooksPerChange;
    looks %= kLooksPerChange;
  }
  // Does the range cover the whole entry for `va` at `level`?
  bool covers(unsigned level) const {
    return pages >= entry_pages(level) &&
           (va.value >> kPageShift & (entry_pages(level) - 1)) == 0;
  }
  unsigned highest_covered(unsigned level) const {
    while (!covers(level)) {
      --level;
    }
    return level;
  }
  // How many entries from that for `va` on the range covers, in one table of
  // `level`.
  unsigned entries_covered(unsigned level) const {
    const unsigned room = kTableEntries - Format::index(va, level);
    const u64 covered = pages / entry_pages(level);
    return covered < room ? static_cast<unsigned>(covered) : room;
  }
  // Steps over the entry for `va` at `level`, or what is left of it.
  void skip(unsigned level) {
    const u64 span = entry_pages(level);
    const u64 left = span - (va.value >> kPageShift & (span - 1));
    advance(left < pages ? left : pages);
  }
  // The same, and over those behind it in the table that are like it. `slot` is
  // that of `va`.
  template <typename Like>
  void skip_run(const u64* slot, unsigned level, Like like) {
    skip(level);
    if (quantum == 0 || Format::index(va, level) == 0) {
      return;  // no more now, or not in this table
    }
    unsigned most = quantum * kLooksPerChange - looks;
    if (const unsigned covered = entries_covered(level); covered < most) {
      most = covered;
    }
    unsigned alike = 0;
    while (alike < most && like(slot[1 + alike])) ++alike;
    pass(alike * entry_pages(level), alike);
  }
  Progress progress(Status status) const {
    if (status == Status::kOk && pages > 0) {
      status = Status::kMore;
    }
    return {status, done};
  }
};

// Entries taken out of tables: dropped when no TLB can use them any more.
struct Removed {
  u64 entries[kQuantum];
  unsigned count = 0;
  u64 pages = 0;  // leaf entries with a frame among and below them
  bool tables = false;

  void add(u64 entry, unsigned level) {
    if (Format::is_table(entry, level)) {
      pages += table_pages(frame_info(entry_frame(entry)));
      tables = true;
    } else if (level == 0 && holds_frame(entry)) {
      ++pages;
    } else {
      return;
    }
    entries[count++] = entry;
  }
  void drop(unsigned level) {
    for (unsigned i = 0; i < count; ++i) {
      drop_entry(entries[i], level);
    }
  }
};

// Gives consecutive entries of one table, from range.va on, the value `fill`.
Status fill_run(Range& range, unsigned level, u64 fill) {
  Space& space = range.space;
  Path path;
  const Status status = path_own(space, range.va, level, path);
  if (status != Status::kOk) {
    return status;
  }
  Removed removed;
  const VirtAddr first = range.va;
  const u64 span = entry_pages(level);
  const unsigned count = range.entries_covered(level);
  unsigned i = 0;
  for (; i < count && range.quantum > 0; ++i) {
    u64* const slot = path.slots[level] + i;
    const u64 old = *slot;
    if (old == fill) {
      range.pass(span, 1);
      continue;
    }
    if (level == kRootLevel) {
      path_store(space, path, level, i, fill);
    } else {
      hw::store_entry(slot, fill);
    }
    removed.add(old, level);
    range.advance(span);
  }
  if (fill != 0 && level != kRootLevel) {
    path_note_run(path, level, i);
  }
  if (removed.count > 0) {
    if (removed.tables) {
      invalidate_space(space);
    } else {
      invalidate_range(space, first, (range.va - first) >> kPageShift);
    }
    path_count(space, path, level, -static_cast<i64>(removed.pages));
    removed.drop(level);
  }
  return Status::kOk;
}

// Makes every entry of the range `fill`: empty, or a mark. Covered subtrees are
// dropped whole, shared or not.
Progress fill_range(Space& space, VirtAddr va, u64 pages, u64 fill) {
  Status status = check_range(va, pages);
  Range range{space, va, status == Status::kOk ? pages : 0};
  while (range.pages > 0 && range.quantum > 0 && status == Status::kOk) {
    Frame table = space.root;
    for (unsigned level = kRootLevel;; --level) {
      const u64* const slot =
          table_entries(table) + Format::index(range.va, level);
      const u64 entry = *slot;
      if (entry == fill) {
        range.skip_run(slot, level, [&](u64 other) { return other == fill; });
        break;
      }
      if (range.covers(level) || !Format::is_table(entry, level)) {
        status = fill_run(range, range.highest_covered(level), fill);
        break;
      }
      table = entry_frame(entry);
    }
  }
  return range.progress(status);
}

u64 protected_entry(u64 entry, u8 rights) {
  if ((rights & kExecute) != 0 && holds_frame(entry)) {
    make_fetchable(entry_frame(entry));
  }
  return Format::with_rights(entry, rights);
}

// Changes the rights of consecutive leaves, marks or kept entries.
Status protect_run(Range& range, unsigned level, u8 rights) {
  Space& space = range.space;
  Path path;
  const Status status = path_own(space, range.va, level, path);
  if (status != Status::kOk) {
    return status;
  }
  const VirtAddr first = range.va;
  bool was_present = false;
  const unsigned count = range.entries_covered(level);
  for (unsigned i = 0; i < count && range.quantum > 0; ++i) {
    u64* const slot = path.slots[level] + i;
    const u64 old = *slot;
    if (Format::is_table(old, level)) {
      break;
    }
    if (old != 0 && Format::rights(old) != rights) {
      const u64 entry = level == 0 && holds_frame(old)
                            ? protected_entry(old, rights)
                            : Format::make_mark(rights);
      hw::store_entry(slot, entry);  // its group is live already
      was_present |= Format::is_present(old);
    }
    range.advance(entry_pages(level));
  }
  if (was_present) {
    invalidate_range(space, first, (range.va - first) >> kPageShift);
  }
  return Status::kOk;
}

}  // namespace

Progress space_unmap(Space& space, VirtAddr va, u64 pages) {
  return fill_range(space, va, pages, 0);
}

Progress space_mark(Space& space, VirtAddr va, u64 pages, u8 rights) {
  return fill_range(space, va, pages, Format::make_mark(normal_rights(rights)));
}

Progress space_protect(Space& space, VirtAddr va, u64 pages, u8 rights) {
  rights = normal_rights(rights);
  Status status = check_range(va, pages);
  Range range{space, va, status == Status::kOk ? pages : 0};
  while (range.pages > 0 && range.quantum > 0 && status == Status::kOk) {
    const Look look = look_up(space, range.va);
    const unsigned level = look.level;
    const auto is_so = [&](u64 entry) {
      return !Format::is_table(entry, level) &&
             (entry == 0 || Format::rights(entry) == rights);
    };
    if (is_so(look.entry)) {
      range.skip_run(look.slot(), level, is_so);
    } else {
      status = protect_run(range, range.highest_covered(look.level), rights);
    }
  }
  return range.progress(status);
}

}  // namespace tine
