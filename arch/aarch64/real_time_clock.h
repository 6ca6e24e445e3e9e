// The clock that runs while the machine is off: a PL031, if there is one.
#ifndef ARCH_AARCH64_REAL_TIME_CLOCK_H_
#define ARCH_AARCH64_REAL_TIME_CLOCK_H_

#include "arch/hw/machine.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {

// Seconds since 1970, UTC; 0 if there is no such clock. The data register is
// the first one (PL031 manual, 3.3.1).
inline u64 read_real_time_clock() {
  if (machine.real_time_clock.bytes == 0) return 0;
  return *reinterpret_cast<volatile u32*>(
      phys_to_virt(PhysAddr{machine.real_time_clock.base}));
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_REAL_TIME_CLOCK_H_
