// The 16550 UART (National Semiconductor PC16550D, section 8), byte registers.
#ifndef SERVERS_CONSOLE_X86_64_UART_REGISTERS_H_
#define SERVERS_CONSOLE_X86_64_UART_REGISTERS_H_

#include "kernel/base/types.h"

namespace tine::uart {

inline constexpr u32 kData = 0;
inline constexpr u32 kStatus = 5;  // line status
// Characters that fit when the transmitter says it is empty.
inline constexpr unsigned kTransmitRoom = 15;

constexpr bool can_transmit(u64 status) { return (status & 0x20) != 0; }
constexpr bool has_input(u64 status) { return (status & 0x01) != 0; }

struct Setting {
  u32 reg;
  u32 value;
};
// FIFOs on and not cleared, as input may have come already; an interrupt at 14
// characters, or when fewer wait for long; OUT2 lets the interrupt through;
// interrupt on received data.
inline constexpr Setting kEnableInput[] = {{2, 0xc1}, {4, 0x0b}, {1, 0x01}};
// Nothing to clear: reading the data does.
inline constexpr Setting kClearInterrupt = {kStatus, 0};
inline constexpr bool kMustClearInterrupt = false;

}  // namespace tine::uart

#endif  // SERVERS_CONSOLE_X86_64_UART_REGISTERS_H_
