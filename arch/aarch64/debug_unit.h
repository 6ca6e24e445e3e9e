// Breakpoints and watchpoints in the CPU.
#ifndef ARCH_AARCH64_DEBUG_UNIT_H_
#define ARCH_AARCH64_DEBUG_UNIT_H_

#include "arch/hw/debug_registers.h"

namespace tine::hw {

// They act in user mode.
void load_debug_registers(const DebugRegisters& registers);
// None acts any more.
void clear_debug_registers();
// Fills in what the CPU has.
void describe_debug_unit(DebugRegisters& registers);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_DEBUG_UNIT_H_
