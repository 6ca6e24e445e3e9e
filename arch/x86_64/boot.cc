// From the loader's information to kernel_main().
#include "kernel/boot.h"

#include "arch/hw/cpu.h"
#include "arch/hw/phys_map.h"
#include "arch/hw/uart.h"
#include "arch/x86_64/acpi.h"
#include "arch/x86_64/descriptor_tables.h"
#include "arch/x86_64/kernel_map.h"
#include "arch/x86_64/machine.h"
#include "arch/x86_64/pvh.h"
#include "kernel/boot_ranges.h"
#include "kernel/panic.h"
#include "kernel/thread/per_cpu.h"
#include "kernel/trap.h"

namespace tine::hw {

Machine machine;

namespace {

// What the early tables map; all that boot parsers may look at.
constexpr u64 kEarlyBytes = u64{4} << 30;
// BIOS data, option ROMs, and the loader's own structures.
constexpr u64 kLowMemory = u64{1} << 20;

BootMemory boot_memory;
char command_line[2048];

extern "C" u8 kernel_stack_top[];
extern "C" u64 kernel_stacks_begin[];

void require(bool condition, const char* otherwise) {
  if (!condition) panic(otherwise);
}

void reserve(u64 begin, u64 end) {
  require(range_add_around(boot_memory.reserved, boot_memory.reserved_count,
                           begin, end),
          "boot: too many memory ranges");
  ranges_normalize(boot_memory.reserved, boot_memory.reserved_count,
                   kPhysMapBytes);
}

void find_memory(u64 start_info) {
  const MemoryView view = {phys_to_virt({0}), kEarlyBytes};
  PvhInfo info;
  const char* error = pvh_parse(view, start_info, boot_memory, info);
  require(error == nullptr, error);
  ranges_normalize(boot_memory.usable, boot_memory.usable_count, kPhysMapBytes);

  const PhysRange image = kernel_image_range();
  require(ranges_contain(boot_memory.usable, boot_memory.usable_count,
                         image.begin.value, image.end.value),
          "boot: not enough memory for the kernel");
  reserve(0, kLowMemory);
  reserve(image.begin.value, image.end.value);
  if (boot_memory.initrd_begin != boot_memory.initrd_end) {
    const u64 begin = page_round_down(boot_memory.initrd_begin.value);
    const u64 end = page_round_up(boot_memory.initrd_end.value);
    require(ranges_contain(boot_memory.usable, boot_memory.usable_count, begin,
                           end),
            "boot: the initrd is outside memory");
    reserve(begin, end);
  }
  pvh_copy_text(view, info.command_line, command_line, sizeof(command_line));
  if (info.rsdp != 0) acpi_parse(view, info.rsdp, machine);

  boot_memory.command_line = command_line;
  boot_memory.cpu_count = machine.cpu_count;
  boot_memory.hwcap = cpu_hwcap();
  boot_memory.hwcap2 = cpu_hwcap2();
}

void map_kernel() {
  const u64 bytes = kernel_map_frames(boot_memory) * kPageSize;
  const u64 tables = ranges_find_free(boot_memory, bytes, kEarlyBytes);
  require(tables != 0, "boot: not enough memory for page tables");
  const PhysAddr end = kernel_map_build(boot_memory, machine, {tables});
  require(end.value <= tables + bytes, "boot: page tables outgrew their room");
  reserve(tables, end.value);
}

}  // namespace

// Called by boot.S on the kernel stack, with the early tables loaded.
extern "C" [[noreturn]] void boot_main(u32 start_info) {
  uart_init();
  PerCpu& cpu = this_cpu();
  cpu.self = &cpu;
  cpu.kernel_stack_top = reinterpret_cast<u64>(kernel_stack_top);
  set_stack_canary(cpu, kernel_stacks_begin);
  descriptor_tables_init();
  cpu_init();
  find_memory(start_info);
  map_kernel();
  kernel_main(boot_memory);
}

}  // namespace tine::hw
