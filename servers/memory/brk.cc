// brk: the end of the heap.
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

// Linux answers with the break as it then is; on failure that is the old one.
i64 MemoryServer::sys_brk(Mm& mm, u64 address) {
  i64 old = static_cast<i64>(mm.break_end);
  if (address < mm.break_start || address > kUserEnd) return old;
  u64 from = page_round_up(mm.break_end);
  u64 to = page_round_up(address);
  if (to < from) {
    const i64 error = unmap_range(mm, to, from);
    if (error == kOutOfMemory) return error;
    if (error != 0) return old;
  } else if (to > from) {
    // A page is left free, as by Linux.
    if (mm.areas.overlaps(from, to + kPageSize)) return old;
    if (!is_within_limits(mm, to - from, 0, true)) return old;
    if (mm.lock_future && !may_lock(mm, (to - from) >> kPageShift)) return old;
    Vma area;
    area.start = from;
    area.end = to;
    area.prot = Rights::kRead | Rights::kWrite;
    area.heap = true;
    if (map_anonymous(mm, area) != 0) return old;
    if (mm.lock_future && mark_locked(mm, from, to, true) == 0 &&
        !mm.lock_on_fault) {
      (void)populate(mm, from, to);
    }
  }
  mm.break_end = address;
  return static_cast<i64>(address);
}

}  // namespace tine
