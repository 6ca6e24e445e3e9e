// From the loader's information to kernel_main().
#include "kernel/boot.h"

#include "arch/hw/cpu.h"
#include "arch/hw/phys_map.h"
#include "arch/hw/uart.h"
#include "arch/x86_64/acpi.h"
#include "arch/x86_64/boot_memory.h"
#include "arch/x86_64/descriptor_tables.h"
#include "arch/x86_64/kernel_map.h"
#include "arch/x86_64/machine.h"
#include "kernel/boot_ranges.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/thread/per_cpu.h"
#include "kernel/trap.h"

namespace tine::hw {

Machine machine;

namespace {

// What the early tables map; all that boot parsers may look at.
constexpr u64 kEarlyBytes = u64{4} << 30;

BootMemory boot_memory;
char command_line[2048];

extern "C" u8 kernel_stack_top[];
extern "C" u64 kernel_stacks_begin[];

[[noreturn]] void refuse(const char* reason) {
  log("boot: ", reason);
  end_run(kSystemFailed);
}

void find_memory(u64 start_info) {
  const MemoryView view = {phys_to_virt({0}), kEarlyBytes};
  PvhInfo info;
  const char* error = fill_boot_memory(view, start_info, kernel_image_range(),
                                       kPhysMapBytes, boot_memory, info);
  if (error != nullptr) refuse(error);
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
  if (tables == 0) refuse("not enough memory for page tables");
  const PhysAddr end = kernel_map_build(boot_memory, machine, {tables});
  if (end.value > tables + bytes) panic("boot: page tables outgrew their room");
  if (!range_add_around(boot_memory.reserved, boot_memory.reserved_count,
                        tables, end.value)) {
    refuse("too many reserved ranges");
  }
  ranges_normalize(boot_memory.reserved, boot_memory.reserved_count,
                   kPhysMapBytes);
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
