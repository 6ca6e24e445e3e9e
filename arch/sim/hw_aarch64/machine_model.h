// How the simulated machine looks to programs and drivers on AArch64.
#ifndef ARCH_SIM_HW_AARCH64_MACHINE_MODEL_H_
#define ARCH_SIM_HW_AARCH64_MACHINE_MODEL_H_

#include "arch/hw/trap_frame.h"
#include "kernel/base/elf.h"

namespace tine::sim {

inline constexpr u16 kElfMachine = elf::kMachineAArch64;
inline constexpr u64 kTrapBytes = 4;  // length of SVC
inline u64 result_of(const hw::TrapFrame& frame) {
  return frame.message.words[0];
}

// A PL011 whose transmit FIFO is always empty.
inline constexpr u32 kUartData = 0;
inline constexpr u32 kUartStatus = 0x18;
inline constexpr u64 kUartSpan = 0x1000;
constexpr u64 uart_status(bool input) { return input ? 0x80 : 0x90; }

}  // namespace tine::sim

#endif  // ARCH_SIM_HW_AARCH64_MACHINE_MODEL_H_
