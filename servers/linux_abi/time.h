// Times as system calls carry them; the same on both architectures.
#ifndef SERVERS_LINUX_ABI_TIME_H_
#define SERVERS_LINUX_ABI_TIME_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

inline constexpr i64 kNsPerSecond = 1'000'000'000;

struct Timespec {
  i64 seconds;
  i64 nanoseconds;
};
struct Timeval {
  i64 seconds;
  i64 microseconds;
};
struct Itimerval {
  Timeval interval;
  Timeval value;
};
struct Itimerspec {
  Timespec interval;
  Timespec value;
};
enum IntervalTimer : i32 {
  kItimerReal = 0,
  kItimerVirtual = 1,
  kItimerProf = 2,
};
struct Timezone {
  i32 minutes_west;
  i32 dst;
};

constexpr bool is_valid(const Timespec& time) {
  return time.seconds >= 0 && time.nanoseconds >= 0 &&
         time.nanoseconds < kNsPerSecond;
}
// Saturates: the largest time stands for "never".
constexpr u64 to_ns(const Timespec& time) {
  constexpr i64 kMost = INT64_MAX / kNsPerSecond - 1;
  if (time.seconds > kMost) return INT64_MAX;
  return static_cast<u64>(time.seconds * kNsPerSecond + time.nanoseconds);
}
constexpr Timespec to_timespec(u64 ns) {
  return {static_cast<i64>(ns / kNsPerSecond),
          static_cast<i64>(ns % kNsPerSecond)};
}
constexpr Timeval to_timeval(u64 ns) {
  return {static_cast<i64>(ns / kNsPerSecond),
          static_cast<i64>(ns % kNsPerSecond / 1000)};
}

enum Clock : i32 {
  kClockRealtime = 0,
  kClockMonotonic = 1,
  kClockProcessCpu = 2,
  kClockThreadCpu = 3,
  kClockMonotonicRaw = 4,
  kClockRealtimeCoarse = 5,
  kClockMonotonicCoarse = 6,
  kClockBoottime = 7,
  kClockRealtimeAlarm = 8,
  kClockBoottimeAlarm = 9,
  kClockTai = 11,
};
// Negative: of a descriptor's device, or of CPU time (CLOCKFD).
constexpr bool is_clock_of_descriptor(i32 clock) {
  return clock < 0 && (clock & 7) == 3;
}
inline constexpr i32 kTimerAbstime = 1;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_TIME_H_
