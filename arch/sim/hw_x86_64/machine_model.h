// How the simulated machine looks to programs and drivers on x86-64.
#ifndef ARCH_SIM_HW_X86_64_MACHINE_MODEL_H_
#define ARCH_SIM_HW_X86_64_MACHINE_MODEL_H_

#include "arch/hw/trap_frame.h"
#include "kernel/base/elf.h"

namespace tine::sim {

inline constexpr u16 kElfMachine = elf::kMachineX86_64;
inline constexpr u64 kTrapBytes = 2;  // length of SYSCALL
inline u64 result_of(const hw::TrapFrame& frame) { return frame.message.tag; }

// A 16550 whose transmitter is always empty.
inline constexpr u32 kUartData = 0;
inline constexpr u32 kUartStatus = 5;
inline constexpr u64 kUartSpan = 8;
constexpr u64 uart_status(bool input) { return input ? 0x61 : 0x60; }

}  // namespace tine::sim

#endif  // ARCH_SIM_HW_X86_64_MACHINE_MODEL_H_
