// Clocks without a system call. Each function that cannot answer makes the
// call. A write of realtime_ns is one store: there is nothing to be torn.
#include "servers/linux_abi/time.h"
#include "servers/vdso/arch/entry.h"
#include "servers/vdso/vdso_data.h"

namespace tine {
namespace {

using namespace linux_abi;

bool clock_ns(i32 clock, u64* ns) {
  switch (clock) {
    case kClockRealtime:
    case kClockRealtimeCoarse:
    case kClockTai:
      *ns = now_ns(vdso_data) +
            __atomic_load_n(&vdso_data.realtime_ns, __ATOMIC_RELAXED);
      return true;
    case kClockMonotonic:
    case kClockMonotonicRaw:
    case kClockMonotonicCoarse:
    case kClockBoottime:
      *ns = now_ns(vdso_data);
      return true;
    default:
      return false;  // CPU time, or no clock
  }
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] int VDSO_NAME(clock_gettime)(i32 clock,
                                                            Timespec* to) {
  u64 ns;
  if (!clock_ns(clock, &ns)) {
    return system_call(Nr::kClockGettime, static_cast<u64>(clock),
                       reinterpret_cast<u64>(to));
  }
  *to = to_timespec(ns);
  return 0;
}

[[gnu::visibility("default")]] int VDSO_NAME(gettimeofday)(Timeval* to,
                                                           Timezone* zone) {
  if (to != nullptr) {
    u64 ns;
    (void)clock_ns(kClockRealtime, &ns);
    *to = to_timeval(ns);
  }
  if (zone != nullptr) *zone = {};
  return 0;
}

[[gnu::visibility("default")]] int VDSO_NAME(clock_getres)(i32 clock,
                                                           Timespec* to) {
  u64 ns;
  if (!clock_ns(clock, &ns)) {
    return system_call(Nr::kClockGetres, static_cast<u64>(clock),
                       reinterpret_cast<u64>(to));
  }
  if (to != nullptr) *to = {0, 1};
  return 0;
}

}  // extern "C"
}  // namespace tine
