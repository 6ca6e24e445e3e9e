// Virtual time: it passes when threads make steps, and while the CPU idles.
#ifndef ARCH_SIM_HW_TIMER_H_
#define ARCH_SIM_HW_TIMER_H_

#include "kernel/base/types.h"

namespace tine::hw {

void timer_init();

// What now_ns() works with, for those who read the counter themselves.
struct ClockParameters {
  u64 start;   // the counter at time 0
  u64 factor;  // of nothing: no program runs
};
ClockParameters clock_parameters();
u64 now_ns();
void timer_set(u64 deadline_ns);

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_TIMER_H_
