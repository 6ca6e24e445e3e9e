// Monotonic time from the TSC and one-shot interrupts from the local APIC.
#ifndef ARCH_X86_64_TIMER_H_
#define ARCH_X86_64_TIMER_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Calibrates both against the machine's reference clock; takes 2 to 20 ms.
void timer_init();

// What now_ns() works with, for those who read the counter themselves.
struct ClockParameters {
  u64 start;   // the counter at time 0
  u64 factor;  // ns a tick, times 2^32
};
ClockParameters clock_parameters();

// Nanoseconds since timer_init(). Under QEMU's -icount shift=0 exact: one for
// every instruction.
u64 now_ns();

// One interrupt on kTimerLine at or after this time, at once if it is past.
// Replaces the deadline before.
void timer_set(u64 deadline_ns);

// Whether an interrupt of the timer means that the deadline has come; if not,
// the timer has been set again. For interrupts.cc.
bool timer_due();

}  // namespace tine::hw

#endif  // ARCH_X86_64_TIMER_H_
