#include "arch/hw/power.h"

#include "arch/hw/cpu.h"
#include "arch/hw/machine.h"

namespace tine::hw {

void power_off(u32) {
  // Arm DEN 0022, 5.1.9; calling convention: Arm DEN 0028.
  register u64 function asm("x0") = 0x8400'0008;
  switch (machine.psci) {
    case Psci::kHvc:
      asm volatile("hvc #0" : "+r"(function)::"x1", "x2", "x3", "memory");
      break;
    case Psci::kSmc:
      asm volatile("smc #0" : "+r"(function)::"x1", "x2", "x3", "memory");
      break;
    case Psci::kNone:
      break;
  }
  halt();
}

}  // namespace tine::hw
