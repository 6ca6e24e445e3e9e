#include "arch/hw/timer.h"

namespace tine::hw {
namespace {

constexpr u64 kNanoseconds = 1'000'000'000;

u64 frequency = 1;  // ticks a second
u64 start;          // tick of timer_init

u64 read_counter() {
  u64 ticks;
  // Without the barrier the counter may be read early (Arm ARM D12.2.1).
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
  return ticks;
}

}  // namespace

void timer_init() {
  asm("mrs %0, cntfrq_el0" : "=r"(frequency));
  if (frequency == 0) frequency = 1;
  start = read_counter();
  timer_cancel();
}

// Both conversions are exact: seconds and the rest apart keep products below
// 2^64 for frequencies up to 18 GHz.
u64 now_ns() {
  const u64 ticks = read_counter() - start;
  return ticks / frequency * kNanoseconds +
         ticks % frequency * kNanoseconds / frequency;
}

ClockParameters clock_parameters() { return {start, frequency}; }

void timer_set(u64 deadline_ns) {
  const u64 seconds = deadline_ns / kNanoseconds;
  const u64 rest = deadline_ns % kNanoseconds;
  u64 ticks;
  if (__builtin_mul_overflow(seconds, frequency, &ticks)) {
    timer_cancel();  // in more than a century
    return;
  }
  ticks += (rest * frequency + kNanoseconds - 1) / kNanoseconds;
  asm volatile(
      "msr cntv_cval_el0, %0\n\t"
      "msr cntv_ctl_el0, %1\n\t"
      "isb" ::"r"(start + ticks),
      "r"(u64{1})
      : "memory");
}

void timer_cancel() {
  asm volatile("msr cntv_ctl_el0, xzr\n\tisb" ::: "memory");
}

}  // namespace tine::hw
