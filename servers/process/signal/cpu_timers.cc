// Limits on CPU time: ITIMER_VIRTUAL and ITIMER_PROF.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// That ITIMER_VIRTUAL or ITIMER_PROF counts.
u64 ProcessServer::cpu_ns(const Process& process, i32 which) {
  const CpuUsage usage = cpu_usage(process);
  return which == kItimerVirtual ? usage.user_ns
                                 : usage.user_ns + usage.system_ns;
}

// Sets the look at CPU time to when a timer may have run out at the earliest.
void ProcessServer::watch_cpu_time(Process& process) {
  stop_timer(process.cpu_watch);
  u64 least = ~u64{0};
  for (const i32 which : {i32{kItimerVirtual}, i32{kItimerProf}}) {
    const u64 deadline = process.cpu_timers[which - kItimerVirtual].deadline_ns;
    if (deadline == 0) continue;
    const u64 now = cpu_ns(process, which);
    const u64 left = deadline > now ? deadline - now : 0;
    if (left < least) least = left;
  }
  if (least == ~u64{0}) return;
  process.cpu_watch.kind = Timer::Kind::kCpu;
  process.cpu_watch.process = &process;
  // A process that sleeps is not looked at all the time.
  constexpr u64 kShortest = 1'000'000;
  start_timer(process.cpu_watch,
              sys::clock_ns() + (least > kShortest ? least : kShortest));
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
  watch_cpu_time(process);
}

void ProcessServer::stop_timers(Process& process) {
  stop_timer(process.real_timer);
  stop_timer(process.cpu_watch);
  free_posix_timers(process);
}

}  // namespace tine::process
