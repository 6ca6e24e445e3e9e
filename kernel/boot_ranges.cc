#include "kernel/boot_ranges.h"

namespace tine {
namespace {

bool add(PhysRange* list, unsigned& count, u64 begin, u64 end) {
  if (begin >= end) return true;
  if (count == BootMemory::kMaxRanges) return false;
  list[count++] = {{begin}, {end}};
  return true;
}

}  // namespace

bool range_add_inside(PhysRange* list, unsigned& count, u64 begin, u64 end) {
  // Rounding up what is within a page of 2^64 would wrap.
  if (begin > ~kPageMask) return true;
  return add(list, count, page_round_up(begin), page_round_down(end));
}

bool range_add_around(PhysRange* list, unsigned& count, u64 begin, u64 end) {
  if (end > ~kPageMask) end = ~kPageMask;
  return add(list, count, page_round_down(begin), page_round_up(end));
}

void ranges_normalize(PhysRange* list, unsigned& count, u64 limit) {
  for (unsigned i = 1; i < count; ++i) {
    for (unsigned j = i; j > 0 && list[j].begin < list[j - 1].begin; --j) {
      const PhysRange earlier = list[j];
      list[j] = list[j - 1];
      list[j - 1] = earlier;
    }
  }
  unsigned kept = 0;
  for (unsigned i = 0; i < count; ++i) {
    PhysRange range = list[i];
    if (range.begin.value >= limit) break;
    if (range.end.value > limit) range.end.value = limit;
    if (kept > 0 && range.begin <= list[kept - 1].end) {
      if (range.end > list[kept - 1].end) list[kept - 1].end = range.end;
    } else {
      list[kept++] = range;
    }
  }
  count = kept;
}

bool ranges_contain(const PhysRange* list, unsigned count, u64 begin, u64 end) {
  if (begin > end) return false;  // rounding wrapped
  for (unsigned i = 0; i < count; ++i) {
    if (begin >= list[i].begin.value && end <= list[i].end.value) return true;
  }
  return false;
}

u64 ranges_find_free(const BootMemory& memory, u64 bytes, u64 limit) {
  for (unsigned i = 0; i < memory.usable_count; ++i) {
    const u64 end = memory.usable[i].end.value;
    u64 at = memory.usable[i].begin.value;
    for (unsigned j = 0; j < memory.reserved_count; ++j) {
      const PhysRange& taken = memory.reserved[j];
      if (taken.begin.value < at + bytes && taken.end.value > at) {
        at = taken.end.value;
      }
    }
    if (at + bytes <= (end < limit ? end : limit)) return at;
  }
  return 0;
}

const char* complete_boot_memory(BootMemory& memory, PhysRange image,
                                 u64 limit) {
  ranges_normalize(memory.usable, memory.usable_count, limit);
  const auto is_usable = [&](PhysRange range) {
    return ranges_contain(memory.usable, memory.usable_count, range.begin.value,
                          range.end.value);
  };
  const auto reserve = [&](PhysRange range) {
    return range_add_around(memory.reserved, memory.reserved_count,
                            range.begin.value, range.end.value);
  };
  if (!is_usable(image)) return "the kernel's image is not in memory";
  const PhysRange initrd = {memory.initrd_begin, memory.initrd_end};
  if (initrd.begin != initrd.end && !is_usable(initrd)) {
    return "the initrd is not in memory";
  }
  if (!reserve(image) || !reserve(initrd)) return "too many reserved ranges";
  ranges_normalize(memory.reserved, memory.reserved_count, limit);
  return nullptr;
}

}  // namespace tine
