// Polled output on the PL011 (Arm DDI 0183).
#ifndef ARCH_AARCH64_UART_H_
#define ARCH_AARCH64_UART_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Boot code does this; again is harmless.
void uart_init();

// Waits for room. The raw byte: framing is the caller's.
void uart_put(u8 byte);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_UART_H_
