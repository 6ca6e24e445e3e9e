// Stacks grow downwards when something below them is touched.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

// The checks of Linux's expand_downwards(). `area` is the lowest above `low`.
bool MemoryServer::may_grow_stack(const Mm& mm, u32 index, u64 low) const {
  const Vma& area = mm.areas[index];
  const u64 more = (area.start - low) >> kPageShift;
  if (low < kLowestAddress) return false;
  if (area.end - low > mm.most_stack_bytes) return false;
  if (index > 0) {
    const Vma& below = mm.areas[index - 1];
    // Whatever overflows a stack shall not reach what lies below it.
    const bool in_the_way = !below.stack && below.prot != 0;
    if (in_the_way && low - below.end < kStackGap) return false;
    if (low < below.end) return false;
  }
  if (area.locked && !may_lock(mm, more)) return false;
  return is_within_limits(mm, more * kPageSize, 0, false);
}

// The area of an address, if need be grown down to it; null: none, or no memory
// for that.
const Vma* MemoryServer::area_at(Mm& mm, u64 address) {
  const u32 index = mm.areas.lower_bound(address);
  if (index == mm.areas.count()) return nullptr;
  const Vma area = mm.areas[index];
  if (area.start <= address) return &mm.areas[index];
  if (!area.stack) return nullptr;
  // The initial stack takes some more at once: each growth is a message.
  constexpr u64 kStep = 16 * kPageSize;
  u64 low = page_round_down(address);
  if (!may_grow_stack(mm, index, low)) return nullptr;
  if (area.end == mm.stack_top &&
      may_grow_stack(mm, index, low & ~(kStep - 1))) {
    low &= ~(kStep - 1);
  }
  Vma more = area;
  more.start = low;
  more.end = area.start;
  if (map_anonymous(mm, more) != 0) return nullptr;
  return mm.areas.find(address);
}

}  // namespace tine
