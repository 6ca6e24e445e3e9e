// Monotonic time read without the kernel: by servers, and by programs in the
// vDSO.
#ifndef ARCH_X86_64_USER_CLOCK_H_
#define ARCH_X86_64_USER_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::hw {

// As now_ns(), of whose ClockParameters these are. The fence keeps the counter
// from being read early.
inline u64 user_clock_ns(u64 start, u64 factor) {
  u32 low;
  u32 high;
  asm volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
  const u64 ticks = (u64{high} << 32 | low) - start;
  return static_cast<u64>(static_cast<unsigned __int128>(ticks) * factor >> 32);
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_USER_CLOCK_H_
