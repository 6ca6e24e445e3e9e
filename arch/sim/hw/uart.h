// The kernel's way to the simulated serial line.
#ifndef ARCH_SIM_HW_UART_H_
#define ARCH_SIM_HW_UART_H_

#include "kernel/base/types.h"

namespace tine::hw {

void uart_init();
void uart_put(u8 byte);

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_UART_H_
