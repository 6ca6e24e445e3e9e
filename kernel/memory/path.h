// Walks: looking at the entry for an address, and owning the path to it.
#ifndef KERNEL_MEMORY_PATH_H_
#define KERNEL_MEMORY_PATH_H_

#include "kernel/memory/space.h"
#include "kernel/memory/table.h"

namespace tine {

// The slots from the root down to some level.
struct Path {
  u64* slots[Format::kLevels];
};

// What the tables say about an address, without changing them.
struct Look {
  Path path;             // down to the lowest entry there is
  u64 entry;             // empty, mark, leaf or kept
  unsigned level;        // of that entry's table
  bool tables_writable;  // no read-only bit above: the leaf's own decides
  // Tables from the first with refs > 1 down to level 0: others see all these.
  unsigned shared_tables;

  u64* slot() const { return path.slots[level]; }
};

// `va` is below Format::kUserTop.
Look look_up(const Space& space, VirtAddr va);

// Gets the path from the root to the table of `level` for `va` into a state in
// which entries there may be edited: all its tables exist, are referred to by
// this space only, and have no read-only bit above. Frozen tables are forked,
// missing ones made, marks split. All-or-nothing: kNoMemory changes nothing.
Status path_own(Space& space, VirtAddr va, unsigned level, Path& path);
// The same down to level 0, which `look` has reached.
Status path_own(Space& space, VirtAddr va, const Look& look, Path& path);

// Adds to the counts of leaf entries on the path at and above `level`.
void path_count(Space& space, const Path& path, unsigned level, i64 pages);

// Stores an entry into the owned table of `level`, at path.slots[level] +
// `offset` entries, and keeps the live masks. TLBs are the caller's business.
void path_store(Space& space, const Path& path, unsigned level, unsigned offset,
                u64 entry);

// The same for the live mask alone, below the root: `count` entries from
// path.slots[level] on have been stored.
void path_note_run(const Path& path, unsigned level, u64 count);

// Replaces a present entry by another for a different frame: break before make
// (Arm ARM D8.16.1), and what x86 needs too. Nothing may walk to the old frame
// or table afterwards.
void replace_entry(Space& space, u64* slot, VirtAddr va, u64 entry);

// Makes TLBs forget a page, a range (whole space if long) or all of the space,
// with cached table entries; free if no TLB can know this space.
void invalidate_page(const Space& space, VirtAddr va);
void invalidate_range(const Space& space, VirtAddr va, u64 pages);
void invalidate_space(const Space& space);

// Status of a range as operations take it: page aligned, below the user top.
Status check_range(VirtAddr va, u64 pages);

// Makes a page's content visible to instruction fetches, unless it is.
void make_fetchable(Frame frame);

}  // namespace tine

#endif  // KERNEL_MEMORY_PATH_H_
