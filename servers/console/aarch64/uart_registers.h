// The PL011 UART (Arm DDI 0183, chapter 3), 32-bit registers.
#ifndef SERVERS_CONSOLE_AARCH64_UART_REGISTERS_H_
#define SERVERS_CONSOLE_AARCH64_UART_REGISTERS_H_

#include "kernel/base/types.h"

namespace tine::uart {

inline constexpr u32 kData = 0x00;
inline constexpr u32 kStatus = 0x18;  // UARTFR
// Characters that fit when the transmit FIFO says it is empty.
inline constexpr unsigned kTransmitRoom = 15;

constexpr bool can_transmit(u64 status) { return (status & 0x80) != 0; }
constexpr bool has_input(u64 status) { return (status & 0x10) == 0; }

struct Setting {
  u32 reg;
  u32 value;
};
// 8 bits with FIFOs, earliest trigger, interrupt on input and on input timeout.
inline constexpr Setting kEnableInput[] = {
    {0x2c, 0x70}, {0x34, 0x00}, {0x38, 0x50}};
inline constexpr Setting kClearInterrupt = {0x44, 0x50};
inline constexpr bool kMustClearInterrupt = true;

}  // namespace tine::uart

#endif  // SERVERS_CONSOLE_AARCH64_UART_REGISTERS_H_
