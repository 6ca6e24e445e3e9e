// Monotonic time read without the kernel: by servers, and by programs in the
// vDSO.
#ifndef ARCH_AARCH64_USER_CLOCK_H_
#define ARCH_AARCH64_USER_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::hw {

// As now_ns(), of whose ClockParameters these are: exact, and products stay
// below 2^64. Without the barrier the counter may be read early (Arm ARM
// D12.2.1).
inline u64 user_clock_ns(u64 start, u64 factor) {
  constexpr u64 kNanoseconds = 1'000'000'000;
  u64 count;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
  const u64 ticks = count - start;
  return ticks / factor * kNanoseconds + ticks % factor * kNanoseconds / factor;
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_USER_CLOCK_H_
