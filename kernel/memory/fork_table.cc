#include "kernel/memory/fork_table.h"

#include <bit>

namespace tine {
namespace {

// Copies entries [0, count) and tells whether any was there. A store of a
// read-only bit into `from` needs no order: it only takes away, and what it
// protects is reached through `to`, which is not installed yet. It is done
// unasked: a store is cheaper than the question, and changes nothing else.
template <bool kLeaves>
[[gnu::always_inline]] inline u64 fork_entries(u64* from, u64* to,
                                               unsigned count) {
  const FrameTable frames = frame_table;  // a copy, so that it is in registers
  u64 any = 0;
#pragma clang loop unroll_count(4)
  for (unsigned i = 0; i < count; ++i) {
    const u64 entry = from[i];
    if (entry == 0) {
      continue;
    }
    any = entry;
    const bool freezes =
        kLeaves ? Format::is_present(entry) && !Format::is_shared(entry)
                : Format::is_table(entry, 1);
    if (!freezes) [[unlikely]] {
      to[i] =
          Format::is_mark(entry) ? entry : fork_entry(entry, kLeaves ? 0 : 1);
      continue;
    }
    // Tables and private leaves are RAM always.
    frame_ref(frames.of(entry_frame(entry)));
    const u64 forked = Format::set_read_only(entry);
    to[i] = forked;
    __atomic_store_n(&from[i], forked, __ATOMIC_RELAXED);
  }
  return any;
}

// The same of a group, which in most tables is nearly empty: four at a time are
// passed over.
template <bool kLeaves>
u64 fork_group(u64* from, u64* to) {
  u64 any = 0;
  for (unsigned i = 0; i < kGroupEntries; i += 4) {
    if ((from[i] | from[i + 1] | from[i + 2] | from[i + 3]) == 0) continue;
    any |= fork_entries<kLeaves>(from + i, to + i, 4);
  }
  return any;
}

template <bool kLeaves>
u32 fork_groups(u32 live, u64* from, u64* to) {
  if (live == kAllLive) {
    fork_entries<kLeaves>(from, to, kTableEntries);
    return kAllLive;
  }
  u32 copied = 0;
  for (u32 left = live; left != 0; left &= left - 1) {
    const auto group = static_cast<unsigned>(std::countr_zero(left));
    const unsigned first = group * kGroupEntries;
    if (fork_group<kLeaves>(from + first, to + first) != 0) {
      copied |= u32{1} << group;
    }
  }
  return copied;
}

}  // namespace

void fork_table(Frame source, Frame copy, unsigned level) {
  FrameInfo& from = frame_info(source);
  FrameInfo& to = frame_info(copy);
  to.level = static_cast<u8>(level);
  table_pages(to) = table_pages(from);
  u64* const from_entries = table_entries(source);
  u64* const to_entries = table_entries(copy);
  to.live = level == 0
                ? fork_groups<true>(from.live, from_entries, to_entries)
                : fork_groups<false>(from.live, from_entries, to_entries);
}

}  // namespace tine
