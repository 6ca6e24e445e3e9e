// Interrupt lines of the simulated machine: the UART's is the only one.
#ifndef ARCH_SIM_HW_INTERRUPTS_H_
#define ARCH_SIM_HW_INTERRUPTS_H_

#include "kernel/base/types.h"

namespace tine::hw {

void interrupts_init();
void interrupt_unmask(u32 line);
void interrupt_mask(u32 line);
u32 uart_interrupt_line();

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_INTERRUPTS_H_
