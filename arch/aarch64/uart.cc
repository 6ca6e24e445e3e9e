#include "arch/hw/uart.h"

#include "arch/hw/boot_tables.h"
#include "arch/hw/cpu.h"
#include "arch/hw/machine.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {
namespace {

// Byte offsets of the registers.
constexpr u32 kData = 0x00;
constexpr u32 kFlags = 0x18;
constexpr u32 kLineControl = 0x2c;
constexpr u32 kControl = 0x30;
constexpr u32 kInterruptMask = 0x38;

constexpr u32 kTransmitFull = 1 << 5;
constexpr u32 kEightBitsFifo = 3 << 5 | 1 << 4;
constexpr u32 kEnableBoth = 1 << 0 | 1 << 8 | 1 << 9;

// Until the machine's tables are loaded, the window of boot.S stands in.
u64 base = kEarlyUart;

volatile u32& uart_register(u32 offset) {
  return *reinterpret_cast<volatile u32*>(base + offset);
}

}  // namespace

// The speed stays as the firmware set it.
void uart_init() {
  base = reinterpret_cast<u64>(phys_to_virt(PhysAddr{machine.uart.base}));
  uart_register(kInterruptMask) = 0;
  uart_register(kLineControl) = kEightBitsFifo;
  uart_register(kControl) = kEnableBoth;
}

void uart_put(u8 byte) {
  while ((uart_register(kFlags) & kTransmitFull) != 0) relax();
  uart_register(kData) = byte;
}

}  // namespace tine::hw
