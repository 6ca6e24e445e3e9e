#include "arch/aarch64/boot_memory.h"

namespace tine::hw {
namespace {

// Joins what overlaps or touches. `ranges` is ascending by begin.
unsigned merge(PhysRange* ranges, unsigned count) {
  unsigned merged = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (merged > 0 && ranges[i].begin <= ranges[merged - 1].end) {
      PhysAddr& end = ranges[merged - 1].end;
      if (end < ranges[i].end) end = ranges[i].end;
    } else {
      ranges[merged++] = ranges[i];
    }
  }
  return merged;
}

void insert_ascending(PhysRange* ranges, unsigned& count, PhysRange range) {
  unsigned at = count++;
  for (; at > 0 && ranges[at - 1].begin > range.begin; --at) {
    ranges[at] = ranges[at - 1];
  }
  ranges[at] = range;
}

u64 at_most(u64 value, u64 limit) { return value < limit ? value : limit; }

bool is_usable(const BootMemory& memory, PhysRange range) {
  for (unsigned i = 0; i < memory.usable_count; ++i) {
    if (memory.usable[i].begin <= range.begin &&
        range.end <= memory.usable[i].end) {
      return true;
    }
  }
  return false;
}

}  // namespace

const char* fill_boot_memory(const Machine& machine, PhysRange image, u64 limit,
                             BootMemory& memory) {
  for (unsigned i = 0; i < machine.memory_count; ++i) {
    const MachineRange range = machine.memory[i];
    const u64 begin = at_most(range.base, limit);
    const u64 end = page_round_down(at_most(range.base + range.bytes, limit));
    if (page_round_up(begin) >= end) continue;
    insert_ascending(memory.usable, memory.usable_count,
                     {{page_round_up(begin)}, {end}});
  }
  memory.usable_count = merge(memory.usable, memory.usable_count);
  if (!is_usable(memory, image)) return "the kernel's image is not in memory";

  memory.initrd_begin = {machine.initrd_begin};
  memory.initrd_end = {machine.initrd_end};
  const bool has_initrd = machine.initrd_begin != machine.initrd_end;
  if (has_initrd &&
      !is_usable(memory, {{machine.initrd_begin}, {machine.initrd_end}})) {
    return "the initrd is not in memory";
  }
  constexpr unsigned kOurs = 2;  // image and initrd
  if (machine.reserved_count + kOurs > BootMemory::kMaxRanges) {
    return "too many reserved ranges";
  }
  for (unsigned i = 0; i < machine.reserved_count; ++i) {
    const MachineRange range = machine.reserved[i];
    const u64 begin = page_round_down(at_most(range.base, limit));
    const u64 end = page_round_up(at_most(range.base + range.bytes, limit));
    if (begin == end) continue;
    insert_ascending(memory.reserved, memory.reserved_count, {{begin}, {end}});
  }
  insert_ascending(memory.reserved, memory.reserved_count, image);
  if (has_initrd) {
    insert_ascending(memory.reserved, memory.reserved_count,
                     {{page_round_down(machine.initrd_begin)},
                      {page_round_up(machine.initrd_end)}});
  }
  memory.reserved_count = merge(memory.reserved, memory.reserved_count);
  memory.command_line = machine.command_line;
  memory.cpu_count = machine.cpu_count;
  return nullptr;
}

}  // namespace tine::hw
