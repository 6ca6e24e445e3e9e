#include "arch/aarch64/boot_memory.h"

#include "kernel/boot_ranges.h"

namespace tine::hw {
namespace {

bool is_usable(const BootMemory& memory, PhysRange range) {
  return ranges_contain(memory.usable, memory.usable_count, range.begin.value,
                        range.end.value);
}

}  // namespace

const char* fill_boot_memory(const Machine& machine, PhysRange image, u64 limit,
                             BootMemory& memory) {
  for (unsigned i = 0; i < machine.memory_count; ++i) {
    const MachineRange range = machine.memory[i];
    if (!range_add_inside(memory.usable, memory.usable_count, range.base,
                          range.base + range.bytes)) {
      return "too many ranges of memory";
    }
  }
  ranges_normalize(memory.usable, memory.usable_count, limit);
  if (!is_usable(memory, image)) return "the kernel's image is not in memory";

  memory.initrd_begin = {machine.initrd_begin};
  memory.initrd_end = {machine.initrd_end};
  const bool has_initrd = machine.initrd_begin != machine.initrd_end;
  if (has_initrd &&
      !is_usable(memory, {{machine.initrd_begin}, {machine.initrd_end}})) {
    return "the initrd is not in memory";
  }
  const auto reserve = [&](u64 begin, u64 end) {
    return range_add_around(memory.reserved, memory.reserved_count, begin, end);
  };
  bool reserved = reserve(image.begin.value, image.end.value) &&
                  reserve(machine.initrd_begin, machine.initrd_end);
  for (unsigned i = 0; i < machine.reserved_count; ++i) {
    const MachineRange range = machine.reserved[i];
    reserved = reserved && reserve(range.base, range.base + range.bytes);
  }
  if (!reserved) return "too many reserved ranges";
  ranges_normalize(memory.reserved, memory.reserved_count, limit);
  memory.command_line = machine.command_line;
  memory.cpu_count = machine.cpu_count;
  return nullptr;
}

}  // namespace tine::hw
