// The end of a run that went wrong; panic() itself is in trap.h.
#ifndef KERNEL_PANIC_H_
#define KERNEL_PANIC_H_

#include "kernel/thread/per_cpu.h"

namespace tine {

// The driver's status for a run in which the system itself failed.
inline constexpr u32 kSystemFailed = 125;

// Prints the run's exit status for the driver and powers the machine off.
[[noreturn]] void end_run(u32 status);

// An exception in the kernel itself, by the architecture's name of its vector,
// with what the CPU says about it: a panic.
[[noreturn]] void panic_exception(const char* vector, u64 syndrome, u64 address,
                                  const hw::TrapFrame& frame);

// The canary: a word that boot code puts at the lowest address of the kernel
// stack, next to its guard page. Checked at every interrupt; a change is a
// panic.
void set_stack_canary(PerCpu& cpu, u64* lowest_word);
void check_stack_canary(const PerCpu& cpu);

}  // namespace tine

#endif  // KERNEL_PANIC_H_
