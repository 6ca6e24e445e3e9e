// Breakpoints and watchpoints of the simulated CPU: variables. Programs meet
// them when a test says so.
#ifndef ARCH_SIM_HW_AARCH64_DEBUG_UNIT_H_
#define ARCH_SIM_HW_AARCH64_DEBUG_UNIT_H_

#include "arch/hw/debug_registers.h"

namespace tine::hw {

inline constinit DebugRegisters cpu_debug_registers{};
inline constinit bool cpu_debug_events = false;

inline void load_debug_registers(const DebugRegisters& registers) {
  cpu_debug_registers = registers;
  cpu_debug_events = true;
}
inline void clear_debug_registers() { cpu_debug_events = false; }
inline void describe_debug_unit(DebugRegisters& registers) {
  registers.version = 6;
  registers.breakpoint_count = 6;
  registers.watchpoint_count = 4;
}

// What a test sets and looks at: breakpoint 1, on an instruction.
inline void set_test_breakpoint(DebugRegisters& registers, u64 address) {
  registers.breakpoints[1] = {address, kBreakpointBytes | kSlotIsOn};
}
inline u64 test_breakpoint(const DebugRegisters& registers) {
  const DebugRegisters::Slot& slot = registers.breakpoints[1];
  return (slot.control & kSlotIsOn) != 0 ? slot.address : 0;
}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_AARCH64_DEBUG_UNIT_H_
