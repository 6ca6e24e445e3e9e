// The one copy-on-write primitive: a second table with the same content.
#ifndef KERNEL_MEMORY_FORK_TABLE_H_
#define KERNEL_MEMORY_FORK_TABLE_H_

#include "kernel/memory/table.h"

namespace tine {

// Makes the all-zero table `copy` equal to `source`, of that level: each entry
// gains a reference, and all that is private loses its hardware write
// permission in *both* tables. The source may be frozen: it only gains
// read-only bits, which needs no lock. Were it left as it is, then its other
// sharer, once alone, would take write permission back at the top and write
// frames that `copy` sees.
//
// Invalidation is the caller's: none is due if an entry above `source` was
// read-only already.
void fork_table(Frame source, Frame copy, unsigned level);

// One entry of it: counts the reference, returns what both tables get.
inline u64 fork_entry(u64 entry, unsigned level) {
  if (level > 0) {
    if (!Format::is_table(entry, level)) {
      return entry;  // a mark
    }
    frame_ref(frame_info(entry_frame(entry)));
    return Format::set_read_only(entry);
  }
  if (!holds_frame(entry)) {
    return entry;
  }
  const Frame frame = entry_frame(entry);
  if (frame_is_ram(frame)) {
    frame_ref(frame_info(frame));
  }
  return Format::is_present(entry) && !Format::is_shared(entry)
             ? Format::set_read_only(entry)
             : entry;
}

}  // namespace tine

#endif  // KERNEL_MEMORY_FORK_TABLE_H_
