// The CPU that runs: its state, waiting, and going to user mode.
#ifndef ARCH_AARCH64_CPU_H_
#define ARCH_AARCH64_CPU_H_

#include "kernel/base/types.h"

namespace tine {
struct PerCpu;
struct Thread;
}  // namespace tine

namespace tine::hw {

inline PerCpu& this_cpu() {
  PerCpu* cpu;
  asm("mrs %0, tpidr_el1" : "=r"(cpu));
  return *cpu;
}

// Sleeps until an interrupt is pending and acknowledges it. The line as
// trap_interrupt takes it.
u32 wait_for_interrupt();

// Leaves the kernel: `thread`'s space and user state are loaded.
[[noreturn]] void resume(Thread& thread);

[[noreturn]] void halt();

// Takes an exception by a vector that nothing uses (kernel/self_test.h): with
// user mode's stack pointer in the kernel.
inline void take_unused_vector() { asm volatile("msr spsel, #0; udf #0"); }

// In every loop that waits for another CPU or a device.
inline void relax() { asm volatile("yield" ::: "memory"); }

}  // namespace tine::hw

#endif  // ARCH_AARCH64_CPU_H_
