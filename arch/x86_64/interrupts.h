// Interrupt routing: local APIC and I/O APIC. A line is an I/O APIC input.
#ifndef ARCH_X86_64_INTERRUPTS_H_
#define ARCH_X86_64_INTERRUPTS_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Masks every source but the CPU's own timer.
void interrupts_init();

// Out-of-range lines are ignored.
void interrupt_unmask(u32 line);
void interrupt_mask(u32 line);

// The line of COM1.
u32 uart_interrupt_line();

// Ends the interrupt of `vector`. Stores the line, masked by now, or
// kTimerLine; false if there is nothing for the kernel to do.
bool interrupt_acknowledge(u64 vector, u32& line);

}  // namespace tine::hw

#endif  // ARCH_X86_64_INTERRUPTS_H_
