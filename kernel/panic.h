// The end of a run that went wrong; panic() itself is in trap.h.
#ifndef KERNEL_PANIC_H_
#define KERNEL_PANIC_H_

#include "kernel/thread/per_cpu.h"

namespace tine {

// Panics if the kernel stack has grown into its lowest word.
void check_stack_canary(const PerCpu& cpu);

// Prints the run's exit status for the driver and powers the machine off.
[[noreturn]] void end_run(u32 status);

}  // namespace tine

#endif  // KERNEL_PANIC_H_
