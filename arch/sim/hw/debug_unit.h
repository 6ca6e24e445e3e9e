// Breakpoints and watchpoints of the simulated CPU: variables. Programs meet
// them when a test says so.
#ifndef ARCH_SIM_HW_DEBUG_UNIT_H_
#define ARCH_SIM_HW_DEBUG_UNIT_H_

#include "arch/hw/debug_model.h"
#include "arch/hw/debug_registers.h"

namespace tine::hw {

inline constinit DebugRegisters cpu_debug_registers{};
inline constinit bool cpu_debug_events = false;

inline void load_debug_registers(const DebugRegisters& registers) {
  cpu_debug_registers = registers;
  cpu_debug_events = true;
}
inline void clear_debug_registers() { cpu_debug_events = false; }

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_DEBUG_UNIT_H_
