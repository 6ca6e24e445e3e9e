#include "arch/hw/cpu.h"

#include "arch/hw/interrupts.h"
#include "arch/hw/trap_frame_offsets.h"
#include "kernel/thread/per_cpu.h"

extern "C" [[noreturn]] void aarch64_resume(tine::Thread* thread);

namespace tine::hw {

static_assert(offsetof(PerCpu, kernel_stack_top) == PER_CPU_KERNEL_STACK_TOP);
static_assert(offsetof(Thread, frame) == 0);

u32 wait_for_interrupt() {
  for (;;) {
    // wfi ends on a pending interrupt even though it is masked here.
    asm volatile("dsb sy\n\twfi" ::: "memory");
    const u32 line = interrupt_acknowledge();
    if (line != kNoLine) return line;
  }
}

void resume(Thread& thread) { aarch64_resume(&thread); }

void halt() {
  for (;;) asm volatile("msr daifset, #15\n\twfi" ::: "memory");
}

}  // namespace tine::hw
