// What the simulated CPU has of breakpoints, and the one that tests use.
#ifndef ARCH_SIM_HW_AARCH64_DEBUG_MODEL_H_
#define ARCH_SIM_HW_AARCH64_DEBUG_MODEL_H_

#include "arch/hw/debug_registers.h"

namespace tine::hw {

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

#endif  // ARCH_SIM_HW_AARCH64_DEBUG_MODEL_H_
