// Breakpoints and watchpoints in the CPU.
#ifndef ARCH_X86_64_DEBUG_UNIT_H_
#define ARCH_X86_64_DEBUG_UNIT_H_

#include "arch/hw/debug_registers.h"

namespace tine::hw {

// They act in user mode: the kernel uses no address of a program. One that an
// instruction has put off into the kernel is dropped by entry.S.
void load_debug_registers(const DebugRegisters& registers);
// None acts any more.
void clear_debug_registers();
// What a debug exception is about (DR6), which the CPU only adds to.
u64 take_debug_status();
// Fills in what the CPU has, which here is the same everywhere.
inline void describe_debug_unit(DebugRegisters&) {}

}  // namespace tine::hw

#endif  // ARCH_X86_64_DEBUG_UNIT_H_
