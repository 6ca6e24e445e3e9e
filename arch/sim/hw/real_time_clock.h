// The simulated machine is always switched on at the same moment.
#ifndef ARCH_SIM_HW_REAL_TIME_CLOCK_H_
#define ARCH_SIM_HW_REAL_TIME_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::hw {

inline u64 read_real_time_clock() { return 1'767'225'600; }  // 2026-01-01

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_REAL_TIME_CLOCK_H_
