#include "arch/aarch64/boot_memory.h"

#include "kernel/boot_ranges.h"

namespace tine::hw {
const char* fill_boot_memory(const Machine& machine, PhysRange image, u64 limit,
                             BootMemory& memory) {
  for (unsigned i = 0; i < machine.memory_count; ++i) {
    const MachineRange range = machine.memory[i];
    if (!range_add_inside(memory.usable, memory.usable_count, range.base,
                          range.base + range.bytes)) {
      return "too many ranges of memory";
    }
  }
  for (unsigned i = 0; i < machine.reserved_count; ++i) {
    const MachineRange range = machine.reserved[i];
    if (!range_add_around(memory.reserved, memory.reserved_count, range.base,
                          range.base + range.bytes)) {
      return "too many reserved ranges";
    }
  }
  memory.initrd_begin = {machine.initrd_begin};
  memory.initrd_end = {machine.initrd_end};
  memory.command_line = machine.command_line;
  memory.cpu_count = machine.cpu_count;
  return complete_boot_memory(memory, image, limit);
}

}  // namespace tine::hw
