// Limits on CPU time of a process: ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU.
//
// CPU time passes no faster than real time, so that one timer, set to when the
// nearest may be reached at the earliest, looks and is set again.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

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
u64 ProcessServer::cpu_ns(const Process& process, i32 which) {
  const CpuUsage usage = cpu_usage(process);
  return which == kItimerVirtual ? usage.user_ns
                                 : usage.user_ns + usage.system_ns;
}

// Sets the look at CPU time to when a timer may have run out at the earliest.
void ProcessServer::watch_cpu_time(Process& process) {
  stop_timer(process.cpu_watch);
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
  start_timer(
      process.cpu_watch,
      sys::clock_ns() + (least > kShortestLook ? least : kShortestLook));
}

void ProcessServer::look_at_cpu_time(Process& process) {
  for (const i32 which : {i32{kItimerVirtual}, i32{kItimerProf}}) {
    CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
    if (timer.deadline_ns == 0) continue;
    const u64 now = cpu_ns(process, which);
    if (now < timer.deadline_ns) continue;
    timer.deadline_ns = timer.interval_ns != 0 ? now + timer.interval_ns : 0;
    send_signal(process, which == kItimerVirtual ? kSigVtalrm : kSigProf);
  }
  if (!is_ended_by_cpu_limit(process)) watch_cpu_time(process);
}

// RLIMIT_CPU: SIGKILL at the hard limit, and SIGXCPU at the soft one, which
// then is a second more (check_process_timers).
bool ProcessServer::is_ended_by_cpu_limit(Process& process) {
  Rlimit& limit = process.limits[kLimitCpu];
  if (limit_ns(limit.soft) == kUnlimited) return false;
  const u64 now = cpu_ns(process, kItimerProf);
  if (now >= limit_ns(limit.hard)) {
    send_signal(process, kSigKill);
    return true;
  }
  if (now >= limit_ns(limit.soft)) {
    ++limit.soft;
    send_signal(process, kSigXcpu);
  }
  return false;
}

// A new process has its limits from its parent, and no CPU time yet.
void ProcessServer::watch_inherited_cpu_limit(Process& process) {
  watch_cpu_time(process);
  // The batch that commits the clone is no place for what is deferred.
  deferred_.flush();
}

void ProcessServer::stop_timers(Process& process) {
  stop_timer(process.real_timer);
  stop_timer(process.cpu_watch);
  free_posix_timers(process);
}

}  // namespace tine::process
