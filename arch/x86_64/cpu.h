// The CPU itself: its data, idling, and the first way into user mode.
#ifndef ARCH_X86_64_CPU_H_
#define ARCH_X86_64_CPU_H_

#include "kernel/base/types.h"

namespace tine {
struct PerCpu;
struct Thread;
}  // namespace tine

namespace tine::hw {

// tine::per_cpu, whose type this header cannot know.
extern u8 per_cpu_storage[] asm("_ZN4tine7per_cpuE");

// One CPU runs the kernel; others stay where the firmware parked them. Entry
// code therefore reaches per-CPU data by address, and user code owns GS.
inline PerCpu& this_cpu() {
  return *reinterpret_cast<PerCpu*>(per_cpu_storage);
}

// Waits for an interrupt and acknowledges it; returns its line as
// trap_interrupt() takes it. Interrupts are off before and after.
u32 wait_for_interrupt();

// Leaves the boot stack for user mode. Later, traps return by themselves.
[[noreturn]] void resume(Thread& thread) asm("resume_first_thread");

[[noreturn]] void halt();

// Takes an exception by a vector that nothing uses (kernel/self_test.h).
inline void take_unused_vector() { asm volatile("int $20"); }

// In every loop that waits for another CPU or a device.
inline void relax() { asm volatile("pause"); }

// Turns on what the kernel relies on and what protects it, as far as the CPU
// has it, and installs the system call entry.
void cpu_init();

// What programs find in AT_HWCAP and AT_HWCAP2.
u64 cpu_hwcap();
u64 cpu_hwcap2();

}  // namespace tine::hw

#endif  // ARCH_X86_64_CPU_H_
