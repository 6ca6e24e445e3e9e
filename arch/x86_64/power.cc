#include "arch/hw/power.h"

#include "arch/hw/cpu.h"
#include "arch/hw/registers.h"

namespace tine::hw {

void power_off(u32 status) {
  // QEMU's isa-debug-exit: ends with (value << 1) | 1.
  out32(0xf4, status & 0x7f);
  // Without that device: ACPI S5 on q35, where firmware puts PM1a control here
  // and \_S5 says type 0.
  constexpr u16 pm1a_control = 0x604;
  constexpr u16 sleep_enable = 1 << 13;
  out16(pm1a_control, sleep_enable);
  halt();
}

}  // namespace tine::hw
