#include "arch/hw/debug_unit.h"

#include "arch/hw/registers.h"

namespace tine::hw {
namespace {

// Of DR7 a thread has the bits that turn on and the fields; not bit 13, which
// would trap accesses to these registers. Bit 10 is always on.
constexpr u64 kControlMask = 0xffff'00ff;
constexpr u64 kControlFixed = 1 << 10;

void set_control(u64 control) {
  asm volatile("mov %0, %%dr7" : : "r"(control | kControlFixed) : "memory");
}

}  // namespace

void load_debug_registers(const DebugRegisters& registers) {
  clear_debug_registers();
  asm volatile("mov %0, %%dr0" : : "r"(registers.addresses[0]));
  asm volatile("mov %0, %%dr1" : : "r"(registers.addresses[1]));
  asm volatile("mov %0, %%dr2" : : "r"(registers.addresses[2]));
  asm volatile("mov %0, %%dr3" : : "r"(registers.addresses[3]));
  set_control(registers.control & kControlMask);
}

void clear_debug_registers() { set_control(0); }

u64 take_debug_status() {
  u64 status;
  asm volatile("mov %%dr6, %0" : "=r"(status));
  asm volatile("mov %0, %%dr6" : : "r"(u64{DEBUG_STATUS_NONE}));
  return status & (kMetBreakpoints | kMetStep);
}

}  // namespace tine::hw
