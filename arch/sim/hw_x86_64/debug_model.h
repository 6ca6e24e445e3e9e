// What the simulated CPU has of breakpoints, and the one that tests use.
#ifndef ARCH_SIM_HW_X86_64_DEBUG_MODEL_H_
#define ARCH_SIM_HW_X86_64_DEBUG_MODEL_H_

#include "arch/hw/debug_registers.h"

namespace tine::hw {

inline void describe_debug_unit(DebugRegisters&) {}

// What a test sets and looks at: breakpoint 1, on an instruction.
inline void set_test_breakpoint(DebugRegisters& registers, u64 address) {
  registers.addresses[1] = address;
  registers.control |= 1 << 2;
}
inline u64 test_breakpoint(const DebugRegisters& registers) {
  return registers.is_on(1) ? registers.addresses[1] : 0;
}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_X86_64_DEBUG_MODEL_H_
