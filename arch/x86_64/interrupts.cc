// Local APIC in xAPIC mode (SDM 3A chapter 11) and I/O APIC (82093AA).
#include "arch/hw/interrupts.h"

#include "arch/hw/phys_map.h"
#include "arch/hw/registers.h"
#include "arch/hw/timer.h"
#include "arch/x86_64/local_apic.h"
#include "arch/x86_64/machine.h"
#include "kernel/trap.h"

namespace tine::hw {
namespace {

constexpr u16 kPicMasterMask = 0x21;
constexpr u16 kPicSlaveMask = 0xa1;

constexpr u64 kApicEnable = 1 << 11;
constexpr u32 kApicSoftwareEnable = 1 << 8;
constexpr u32 kDeliverNmi = 4 << 8;

// I/O APIC: an index register and a data register.
enum IoApicIndex : u32 { kVersion = 1, kRedirection = 0x10 };
constexpr u32 kMasked = 1 << 16;
// Level-triggered, active high, also for ISA lines: the UART holds its line
// while it has data, and an edge that comes while masked would be lost.
constexpr u32 kLevel = 1 << 15;

constexpr u32 kMaxLines = VECTOR_TIMER - VECTOR_FIRST_LINE;
u32 line_count = 0;

volatile u32* io_apic_register(u32 offset) {
  return reinterpret_cast<volatile u32*>(
      phys_to_virt(machine.io_apic + offset));
}

u32 io_apic_read(u32 index) {
  *io_apic_register(0) = index;
  return *io_apic_register(0x10);
}

void io_apic_write(u32 index, u32 value) {
  *io_apic_register(0) = index;
  *io_apic_register(0x10) = value;
}

void set_line(u32 line, u32 masked) {
  if (line >= line_count) return;
  io_apic_write(kRedirection + 2 * line,
                (VECTOR_FIRST_LINE + line) | kLevel | masked);
}

}  // namespace

void interrupts_init() {
  out8(kPicMasterMask, 0xff);
  out8(kPicSlaveMask, 0xff);

  write_msr(Msr::kApicBase, read_msr(Msr::kApicBase) | kApicEnable);
  local_apic_write(LocalApic::kTaskPriority, 0);
  local_apic_write(LocalApic::kSpurious, kApicSoftwareEnable | VECTOR_SPURIOUS);
  local_apic_write(LocalApic::kLvtLint0, kLvtMasked);
  local_apic_write(LocalApic::kLvtLint1, kDeliverNmi);
  local_apic_write(LocalApic::kLvtError, kLvtMasked);
  local_apic_write(LocalApic::kLvtTimer, kLvtMasked);

  const u32 self = local_apic_read(LocalApic::kId) & 0xff00'0000;
  line_count = (io_apic_read(kVersion) >> 16 & 0xff) + 1;
  if (line_count > kMaxLines) line_count = kMaxLines;
  for (u32 line = 0; line < line_count; ++line) {
    set_line(line, kMasked);
    io_apic_write(kRedirection + 2 * line + 1, self);
  }
}

void interrupt_unmask(u32 line) { set_line(line, 0); }
void interrupt_mask(u32 line) { set_line(line, kMasked); }

u32 uart_interrupt_line() {
  return machine.uart_line - machine.io_apic_base_line;
}

bool interrupt_acknowledge(u64 vector, u32& line) {
  if (vector == VECTOR_SPURIOUS) return false;  // takes no EOI
  if (vector == VECTOR_TIMER) {
    line = kTimerLine;
    local_apic_write(LocalApic::kEndOfInterrupt, 0);
    return timer_due();
  }
  line = static_cast<u32>(vector - VECTOR_FIRST_LINE);
  interrupt_mask(line);
  local_apic_write(LocalApic::kEndOfInterrupt, 0);
  return true;
}

}  // namespace tine::hw
