// The clock that runs while the machine is off: MC146818 and its followers.
#ifndef ARCH_X86_64_REAL_TIME_CLOCK_H_
#define ARCH_X86_64_REAL_TIME_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Seconds since 1970, UTC; 0 if there is no such clock or it says nonsense.
u64 read_real_time_clock();

}  // namespace tine::hw

#endif  // ARCH_X86_64_REAL_TIME_CLOCK_H_
