#include "kernel/memory/teardown.h"

#include <bit>

#include "kernel/memory/table.h"

namespace tine {
namespace {

// A stack linked through FrameInfo::link: children go on top of their parent's
// rest, so that the queue stays as short as the tree is deep.
u32 head = 0;
unsigned length = 0;

// Work is counted in entries dropped, groups scanned and tables released.
constexpr unsigned kQuantumUnits = 64;

// Clears the group and drops what it referred to; returns how many that were.
// Few, as a rule: four entries at a time are passed over.
unsigned clean_tables(u64* entries, unsigned level) {
  unsigned dropped = 0;
  for (u64* four = entries; four != entries + kGroupEntries; four += 4) {
    if ((four[0] | four[1] | four[2] | four[3]) == 0) continue;
    for (unsigned i = 0; i < 4; ++i) {
      const u64 entry = four[i];
      if (entry != 0) {
        four[i] = 0;
        drop_entry(entry, level);
        ++dropped;
      }
    }
  }
  return dropped;
}

// The same for leaves, which are nearly all of what an exit drops.
unsigned clean_leaves(u64* entries) {
  const FrameTable frames = frame_table;  // a copy, so that it is in registers
  unsigned dropped = 0;
#pragma clang loop unroll_count(4)
  for (unsigned i = 0; i < kGroupEntries; ++i) {
    const u64 entry = entries[i];
    if (entry == 0) {
      continue;
    }
    entries[i] = 0;
    ++dropped;
    u64 address = entry & Format::kAddressMask;
    if (!Format::is_present(entry)) [[unlikely]] {
      if (!Format::is_kept(entry)) continue;
      address = Format::address(entry).value;
    }
    const Frame frame = Frame::containing({address});
    const u32 index = frame.number - frames.first;
    if (index < frames.count && frame_unref(frames.entries[index])) {
      frame_release(frame);
    }
  }
  return dropped;
}

}  // namespace

bool teardown_pending() { return head != 0; }
unsigned teardown_length() { return length; }
Frame teardown_first() { return {head}; }
void teardown_reset() {
  head = 0;
  length = 0;
}

void teardown_push(Frame table) {
  frame_info(table).link = head;
  head = table.number;
  ++length;
}

bool teardown_run(unsigned quanta) {
  const unsigned limit = quanta * kQuantumUnits;
  for (unsigned units = 0; head != 0 && units < limit; ++units) {
    const Frame table{head};
    FrameInfo& info = frame_info(table);
    if (info.live == 0) {
      head = info.link;
      --length;
      frame_release(table, info.type == FrameType::kRoot
                               ? FrameContent::kEmptyRoot
                               : FrameContent::kZero);
      continue;
    }
    // The table stays queued below the children that this may push.
    const auto group = static_cast<unsigned>(std::countr_zero(info.live));
    info.live &= info.live - 1;
    u64* const entries = table_entries(table) + u64{group} * kGroupEntries;
    units += info.level == 0 ? clean_leaves(entries)
                             : clean_tables(entries, info.level);
  }
  return head != 0;
}

}  // namespace tine
