// Limits on CPU time of a process: ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU.
//
// CPU time passes no faster than real time, so that one timer, set to when the
// nearest may be reached at the earliest, looks and is set again.
#include "servers/linux_abi/time.h"
#include "servers/process/timers/interval_timers.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// A process that sleeps is not looked at all the time.
constexpr u64 kShortestLook = 1'000'000;

// Of a limit, which is in seconds.
u64 limit_ns(u64 seconds) {
  constexpr u64 kMost = u64{INT64_MAX} / u64{kNsPerSecond};
  return seconds > kMost ? kUnlimited : seconds * u64{kNsPerSecond};
}

}  // namespace

// That ITIMER_VIRTUAL or ITIMER_PROF counts.
u64 IntervalTimers::cpu_ns(const Process& process, i32 which) const {
  const CpuUsage usage = clocks_.usage(process);
  return which == kItimerVirtual ? usage.user_ns
                                 : usage.user_ns + usage.system_ns;
}

void IntervalTimers::watch_cpu_time(Process& process) {
  timers_.stop(process.cpu_watch);
  u64 least = kUnlimited;
  const auto consider = [&](u64 deadline, i32 which) {
    const u64 now = cpu_ns(process, which);
    const u64 left = deadline > now ? deadline - now : 0;
    if (left < least) least = left;
  };
  for (const i32 which : {i32{kItimerVirtual}, i32{kItimerProf}}) {
    const u64 deadline = process.cpu_timers[which - kItimerVirtual].deadline_ns;
    if (deadline != 0) consider(deadline, which);
  }
  const u64 limit = limit_ns(process.limits[kLimitCpu].soft);
  if (limit != kUnlimited) consider(limit, kItimerProf);
  if (least == kUnlimited) return;
  process.cpu_watch.kind = Timer::Kind::kCpu;
  process.cpu_watch.process = &process;
  timers_.start(
      process.cpu_watch,
      sys::clock_ns() + (least > kShortestLook ? least : kShortestLook));
}

void IntervalTimers::look_at_cpu_time(Process& process) {
  for (const i32 which : {i32{kItimerVirtual}, i32{kItimerProf}}) {
    CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
    if (timer.deadline_ns == 0) continue;
    const u64 now = cpu_ns(process, which);
    if (now < timer.deadline_ns) continue;
    timer.deadline_ns = timer.interval_ns != 0 ? now + timer.interval_ns : 0;
    signals_.send_signal(process,
                         which == kItimerVirtual ? kSigVtalrm : kSigProf);
  }
  if (!is_ended_by_cpu_limit(process)) watch_cpu_time(process);
}

// RLIMIT_CPU: SIGKILL at the hard limit, and SIGXCPU at the soft one, which
// then is a second more (check_process_timers).
bool IntervalTimers::is_ended_by_cpu_limit(Process& process) {
  Rlimit& limit = process.limits[kLimitCpu];
  if (limit_ns(limit.soft) == kUnlimited) return false;
  const u64 now = cpu_ns(process, kItimerProf);
  if (now >= limit_ns(limit.hard)) {
    signals_.send_signal(process, kSigKill);
    return true;
  }
  if (now >= limit_ns(limit.soft)) {
    ++limit.soft;
    signals_.send_signal(process, kSigXcpu);
  }
  return false;
}

}  // namespace tine::process
