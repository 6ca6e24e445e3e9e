// The interrupt controller, GICv2 or GICv3. Lines are its interrupt numbers.
#ifndef ARCH_AARCH64_INTERRUPTS_H_
#define ARCH_AARCH64_INTERRUPTS_H_

#include "kernel/base/types.h"

namespace tine::hw {

// All lines masked but the timer's.
void interrupts_init();
void interrupt_unmask(u32 line);
void interrupt_mask(u32 line);

// Takes the pending interrupt off the controller: a device's line, masked from
// now on; kTimerLine, with the timer stopped; or kNoLine if there was none.
u32 interrupt_acknowledge();
inline constexpr u32 kNoLine = ~u32{0} - 1;

u32 uart_interrupt_line();

}  // namespace tine::hw

#endif  // ARCH_AARCH64_INTERRUPTS_H_
