#include "arch/hw/uart.h"

#include "arch/hw/cpu.h"
#include "arch/hw/registers.h"

namespace tine::hw {
namespace {

constexpr u16 kBase = 0x3f8;
enum Register : u16 {
  kData = kBase + 0,  // divisor's low byte while kDivisorAccess
  kInterruptEnable = kBase + 1,
  kFifoControl = kBase + 2,
  kLineControl = kBase + 3,
  kModemControl = kBase + 4,
  kLineStatus = kBase + 5,
};
constexpr u8 kDivisorAccess = 0x80;
constexpr u8 kEightBits = 0x03;
// Without the bits that clear them: turning FIFOs on clears them once, and a
// second uart_init() must not lose input.
constexpr u8 kFifosOn = 0x01;
constexpr u8 kDtrRtsOut2 = 0x0b;  // OUT2 lets the interrupt line out on PCs
constexpr u8 kTransmitterReady = 0x20;

}  // namespace

void uart_init() {
  out8(kInterruptEnable, 0);
  out8(kLineControl, kDivisorAccess);
  out8(kData, 1);
  out8(kInterruptEnable, 0);
  out8(kLineControl, kEightBits);
  out8(kFifoControl, kFifosOn);
  out8(kModemControl, kDtrRtsOut2);
}

void uart_put(u8 byte) {
  while (!(in8(kLineStatus) & kTransmitterReady)) relax();
  out8(kData, byte);
}

}  // namespace tine::hw
