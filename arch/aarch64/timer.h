// The virtual timer of the CPU (Arm ARM D12).
#ifndef ARCH_AARCH64_TIMER_H_
#define ARCH_AARCH64_TIMER_H_

#include "kernel/base/types.h"

namespace tine::hw {

void timer_init();

// What now_ns() works with, for those who read the counter themselves.
struct ClockParameters {
  u64 start;   // the counter at time 0
  u64 factor;  // ticks a second
};
ClockParameters clock_parameters();

// Nanoseconds since timer_init, rounded down to the counter's step (16 ns at
// 62.5 MHz).
u64 now_ns();

// One interrupt once now_ns() >= deadline_ns, at once if it is so already.
// Replaces the deadline set before.
void timer_set(u64 deadline_ns);
void timer_cancel();

}  // namespace tine::hw

#endif  // ARCH_AARCH64_TIMER_H_
