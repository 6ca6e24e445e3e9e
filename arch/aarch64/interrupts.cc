#include "arch/hw/interrupts.h"

#include "arch/hw/gic.h"
#include "arch/hw/timer.h"
#include "kernel/trap.h"

namespace tine::hw {
namespace {

const GicDriver& driver() { return machine.gic == Gic::kV3 ? kGicV3 : kGicV2; }

bool has_line(u32 line) { return line < gic_lines() && line < kFirstSpecial; }

}  // namespace

void gic_write_bit(u64 bank, u64 kind, u32 line) {
  gic_register(bank + kind + line / 32 * 4) = u32{1} << line % 32;
}

u32 gic_lines() {
  return ((gic_register(machine.distributor.base + kGicType) & 31) + 1) * 32;
}

void interrupts_init() {
  driver().init();
  interrupt_unmask(machine.timer_line);
}

void interrupt_unmask(u32 line) {
  if (has_line(line)) gic_write_bit(driver().bank(line), kGicEnable, line);
}

void interrupt_mask(u32 line) {
  if (!has_line(line)) return;
  gic_write_bit(driver().bank(line), kGicDisable, line);
  // The line must not be taken again once the interrupt has ended.
  asm volatile("dsb sy" ::: "memory");
}

u32 interrupt_acknowledge() {
  const u32 line = driver().acknowledge();
  if (line >= kFirstSpecial) return kNoLine;
  const bool timer = line == machine.timer_line;
  if (timer) {
    timer_cancel();
  } else {
    interrupt_mask(line);
  }
  driver().end(line);
  return timer ? kTimerLine : line;
}

u32 uart_interrupt_line() { return machine.uart_line; }

}  // namespace tine::hw
