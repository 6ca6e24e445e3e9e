// COM1, a 16550: raw bytes, polled.
#ifndef ARCH_X86_64_UART_H_
#define ARCH_X86_64_UART_H_

#include "kernel/base/types.h"

namespace tine::hw {

// 115200 baud, 8 bits, FIFOs on, interrupts off.
void uart_init();

void uart_put(u8 byte);

}  // namespace tine::hw

#endif  // ARCH_X86_64_UART_H_
