// Raw access to the UART's registers for the server that drives it.
#ifndef ARCH_AARCH64_DEVICE_H_
#define ARCH_AARCH64_DEVICE_H_

#include "arch/hw/machine.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {

// Physical address and bytes of the UART's registers.
inline u64 uart_device_base() { return machine.uart.base; }
inline u32 uart_device_span() { return u32{kPageSize}; }

// A 32-bit register at byte offset `reg`. Any offset is harmless: it is brought
// into the device's page and onto a register.
inline volatile u32& device_register(u64 base, u32 reg) {
  constexpr u32 kRegisters = static_cast<u32>(kPageMask) & ~u32{3};
  return *reinterpret_cast<volatile u32*>(
      phys_to_virt(PhysAddr{base + (reg & kRegisters)}));
}
inline u64 device_read(u64 base, u32 reg) { return device_register(base, reg); }
inline void device_write(u64 base, u32 reg, u32 value) {
  device_register(base, reg) = value;
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_DEVICE_H_
