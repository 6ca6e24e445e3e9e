#include "arch/hw/cpu.h"
#include "arch/hw/interrupts.h"
#include "arch/hw/timer.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/memory/frame_table.h"
#include "kernel/memory/pool.h"
#include "kernel/self_test.h"
#include "kernel/start_root.h"
#include "kernel/thread/switch.h"

namespace tine {

void kernel_main(const BootMemory& memory) {
  frame_table_init(memory);
  Pool& all_memory = pool_init();
  log("Tine: ", frames_free() * kPageSize >> 20, " MiB free, ",
      memory.cpu_count, memory.cpu_count == 1 ? " CPU" : " CPUs");
  hw::interrupts_init();
  hw::timer_init();
  self_test(memory.command_line);
  Thread& root = start_root(memory, all_memory);
  hw::resume(*switch_to(hw::this_cpu(), root));
}

}  // namespace tine
