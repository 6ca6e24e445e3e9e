// ITIMER_REAL is a timer of the list. The two of CPU time have none of their
// own (cpu_limits.cc).
#include "servers/process/timers/interval_timers.h"

#include "servers/linux_abi/time.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

u64 left_of(u64 deadline, u64 now) {
  if (deadline == 0) return 0;
  return deadline > now ? deadline - now : 1;
}

}  // namespace

// One of the process's: what is left of it and its interval.
IntervalTime IntervalTimers::get(const Process& process, i32 which) const {
  if (which == kItimerReal) {
    return {left_of(process.real_timer.deadline_ns, sys::clock_ns()),
            process.real_interval_ns};
  }
  const CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
  return {left_of(timer.deadline_ns, cpu_ns(process, which)),
          timer.interval_ns};
}

void IntervalTimers::set(Process& process, i32 which, IntervalTime time) {
  if (which == kItimerReal) {
    timers_.stop(process.real_timer);
    process.real_interval_ns = time.interval_ns;
    if (time.left_ns == 0) return;
    process.real_timer.kind = Timer::Kind::kReal;
    process.real_timer.process = &process;
    timers_.start(process.real_timer, sys::clock_ns() + time.left_ns);
    return;
  }
  CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
  timer.interval_ns = time.interval_ns;
  timer.deadline_ns =
      time.left_ns != 0 ? cpu_ns(process, which) + time.left_ns : 0;
  watch_cpu_time(process);
}

// ITIMER_REAL has run out. An interval counts from when it should have.
void IntervalTimers::expire_real(Process& process, u64 deadline_ns) {
  if (const u64 interval = process.real_interval_ns; interval != 0) {
    const u64 now = sys::clock_ns();
    u64 next = deadline_ns + interval;
    if (next <= now) next += (now - next) / interval * interval + interval;
    if (interval < kLeastPauseNs) next += kLeastPauseNs / interval * interval;
    timers_.start(process.real_timer, next);
  }
  signals_.send_signal(process, kSigAlrm);
}

}  // namespace tine::process
