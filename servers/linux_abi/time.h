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

// adjtimex()
struct Timex {
  u32 modes;  // kAdj*
  u32 padding1;
  i64 offset;
  i64 frequency;  // in ppm, 16 bits of them behind the point
  i64 most_error;
  i64 error;
  u32 status;  // kTimex*
  u32 padding2;
  i64 constant;
  i64 precision;
  i64 tolerance;
  i64 seconds;
  i64 fraction;  // in us or ns
  i64 tick;      // us between ticks
  struct {       // of a pulse each second: there is none
    i64 frequency;
    i64 jitter;
    u32 shift;
    u32 padding;
    i64 stability;
    i64 counts[4];
  } pulse;
  i32 tai;  // seconds that it is ahead
  u32 reserved[11];
};
static_assert(sizeof(Timex) == 208);
inline constexpr u32 kAdjOffset = 1;
inline constexpr u32 kAdjFrequency = 2;
inline constexpr u32 kAdjMostError = 4;
inline constexpr u32 kAdjError = 8;
inline constexpr u32 kAdjStatus = 0x10;
inline constexpr u32 kAdjConstant = 0x20;
inline constexpr u32 kAdjTai = 0x80;
inline constexpr u32 kAdjSetOffset = 0x100;
inline constexpr u32 kAdjMicro = 0x1000;
inline constexpr u32 kAdjNano = 0x2000;
inline constexpr u32 kAdjReadOnly = 0x2000;  // with kAdjSingleShot
inline constexpr u32 kAdjTick = 0x4000;
inline constexpr u32 kAdjSingleShot = 0x8000;
inline constexpr u32 kTimexLocked = 1;  // STA_PLL
inline constexpr u32 kTimexUnsynchronized = 0x40;
inline constexpr u32 kTimexReadOnly = 0xff00;
inline constexpr u32 kTimexClockError = 0x1000;
inline constexpr u32 kTimexNano = 0x2000;
inline constexpr i64 kTimexTick = 10'000;           // us
inline constexpr i64 kTimexMostError = 16'000'000;  // us

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_TIME_H_
