// Raw access to the UART's registers for the console server: byte ports.
#ifndef ARCH_X86_64_DEVICE_H_
#define ARCH_X86_64_DEVICE_H_

#include "arch/hw/registers.h"
#include "kernel/base/types.h"

namespace tine::hw {

inline u64 uart_device_base() { return 0x3f8; }
// Registers are 0 .. span - 1.
inline u32 uart_device_span() { return 8; }

inline u64 device_read(u64 base, u32 reg) {
  return in8(static_cast<u16>(base + reg));
}
inline void device_write(u64 base, u32 reg, u32 value) {
  out8(static_cast<u16>(base + reg), static_cast<u8>(value));
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_DEVICE_H_
