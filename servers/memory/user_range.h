// Where user memory lies.
#ifndef SERVERS_MEMORY_USER_RANGE_H_
#define SERVERS_MEMORY_USER_RANGE_H_

#include "arch/hw/page_table_format.h"
#include "kernel/base/address.h"

namespace tine {

// mmap never gives out less than this by itself (vm.mmap_min_addr of Linux).
inline constexpr u64 kLowestAddress = 0x10000;
// What is left free below a stack that grows (stack_guard_gap), and what is
// kept for the initial one to grow into, at least (MIN_GAP).
inline constexpr u64 kStackGap = 256 * kPageSize;
inline constexpr u64 kLeastStackRoom = u64{128} << 20;
// What a table of the level above the leaf tables spans. The stack is alone in
// its own: its first write after a fork copies tables, and in these would be
// whatever mmap had placed.
inline constexpr u64 kStackTableBytes = u64{1} << 30;
// One past the highest byte a program can map.
inline constexpr u64 kUserEnd = page_round_down(hw::PageTableFormat::kUserTop);

// A page-aligned range of user memory that does not wrap; empty is not valid.
constexpr bool is_user_range(u64 start, u64 bytes) {
  return (start & kPageMask) == 0 && bytes != 0 && start < kUserEnd &&
         bytes <= kUserEnd - start;
}

}  // namespace tine

#endif  // SERVERS_MEMORY_USER_RANGE_H_
