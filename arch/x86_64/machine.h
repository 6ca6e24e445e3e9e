// What boot learned about the machine.
#ifndef ARCH_X86_64_MACHINE_H_
#define ARCH_X86_64_MACHINE_H_

#include "kernel/base/address.h"

namespace tine::hw {

struct Machine {
  PhysAddr local_apic{0xfee0'0000};
  PhysAddr io_apic{0xfec0'0000};
  u32 io_apic_base_line = 0;
  PhysAddr hpet{};         // 0: none
  u32 uart_line = 4;       // where the ISA interrupt of COM1 arrives
  unsigned cpu_count = 1;  // enabled ones
};

extern Machine machine;

}  // namespace tine::hw

#endif  // ARCH_X86_64_MACHINE_H_
