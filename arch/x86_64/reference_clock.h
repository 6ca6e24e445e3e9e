// The clock of known frequency that others are measured against: the HPET, or
// the PIT where there is none.
#ifndef ARCH_X86_64_REFERENCE_CLOCK_H_
#define ARCH_X86_64_REFERENCE_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Starts it. It may wrap after 50 ms.
void reference_clock_start();

// Nanoseconds since the start.
u64 reference_clock_ns();

// The length of one tick.
u64 reference_clock_resolution_ns();

}  // namespace tine::hw

#endif  // ARCH_X86_64_REFERENCE_CLOCK_H_
