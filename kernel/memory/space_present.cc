// Which pages of a range have a frame.
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"

namespace tine {

u64 space_present(const Space& space, VirtAddr va, u64 pages) {
  u64 present = 0;
  for (u64 i = 0; i < pages; ++i) {
    const Look look = look_up(space, va + i * kPageSize);
    if (look.level == 0 && holds_frame(look.entry)) present |= u64{1} << i;
  }
  return present;
}

}  // namespace tine
