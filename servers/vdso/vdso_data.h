// What the vDSO's code knows of clocks: a page after it, which programs read
// and the memory server writes.
#ifndef SERVERS_VDSO_VDSO_DATA_H_
#define SERVERS_VDSO_VDSO_DATA_H_

#include "kernel/base/types.h"

namespace tine {

// Nanoseconds since the start of the machine come from its counter as
// hw::now_ns() has them: clock_start and clock_factor are the kernel's.
inline constexpr u64 kVdsoDataOffset = 0x1000;  // from the vDSO's beginning

struct VdsoData {
  u64 clock_start;   // the counter at time 0
  u64 clock_factor;  // x86-64: ns a tick, times 2^32; AArch64: ticks a second
  u64 realtime_ns;   // what CLOCK_REALTIME is ahead
};

}  // namespace tine

#endif  // SERVERS_VDSO_VDSO_DATA_H_
