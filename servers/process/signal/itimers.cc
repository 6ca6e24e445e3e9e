// alarm, setitimer and getitimer.
//
// ITIMER_REAL is a timer of the list. The two of CPU time have none of their
// own (cpu_timers.cc).
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kNsPerMicrosecond = 1000;

bool is_valid(const Timeval& time) {
  return time.seconds >= 0 && time.microseconds >= 0 &&
         time.microseconds < 1'000'000;
}

// 0 only for 0.
u64 ns_of(const Timeval& time) {
  return to_ns({time.seconds, time.microseconds * 1000});
}

// Rounded up: what is left is never told as nothing.
Timeval timeval_of(u64 ns) {
  return to_timeval(ns == 0 ? 0 : ns + kNsPerMicrosecond - 1);
}

u64 left_of(u64 deadline, u64 now) {
  if (deadline == 0) return 0;
  return deadline > now ? deadline - now : 1;
}

}  // namespace

// One of the process's: what is left of it and its interval.
IntervalTime ProcessServer::interval_timer(Process& process, i32 which) {
  if (which == kItimerReal) {
    return {left_of(process.real_timer.deadline_ns, sys::clock_ns()),
            process.real_interval_ns};
  }
  const CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
  return {left_of(timer.deadline_ns, cpu_ns(process, which)),
          timer.interval_ns};
}

void ProcessServer::set_interval_timer(Process& process, i32 which,
                                       IntervalTime time) {
  if (which == kItimerReal) {
    stop_timer(process.real_timer);
    process.real_interval_ns = time.interval_ns;
    if (time.left_ns == 0) return;
    process.real_timer.kind = Timer::Kind::kReal;
    process.real_timer.process = &process;
    start_timer(process.real_timer, sys::clock_ns() + time.left_ns);
    return;
  }
  CpuTimer& timer = process.cpu_timers[which - kItimerVirtual];
  timer.interval_ns = time.interval_ns;
  timer.deadline_ns =
      time.left_ns != 0 ? cpu_ns(process, which) + time.left_ns : 0;
  watch_cpu_time(process);
}

// ITIMER_REAL has run out. An interval counts from when it should have.
void ProcessServer::expire_real_timer(Process& process, u64 deadline_ns) {
  if (const u64 interval = process.real_interval_ns; interval != 0) {
    const u64 now = sys::clock_ns();
    u64 next = deadline_ns + interval;
    if (next <= now) next += (now - next) / interval * interval + interval;
    start_timer(process.real_timer, next);
  }
  send_signal(process, kSigAlrm);
}

Outcome ProcessServer::sys_alarm(const Call& call) {
  Process& process = *call.task.process;
  const IntervalTime old = interval_timer(process, kItimerReal);
  set_interval_timer(process, kItimerReal,
                     {call.uint_argument(0) * u64{kNsPerSecond}, 0});
  // Rounded, but never to "there was none".
  u64 seconds = (old.left_ns + kNsPerSecond / 2) / kNsPerSecond;
  if (seconds == 0 && old.left_ns != 0) seconds = 1;
  return call.result(static_cast<i64>(seconds));
}

Outcome ProcessServer::sys_getitimer(const Call& call) {
  const i32 which = call.int_argument(0);
  if (which < kItimerReal || which > kItimerProf) return call.result(-EINVAL);
  const IntervalTime time = interval_timer(*call.task.process, which);
  const Itimerval value{timeval_of(time.interval_ns), timeval_of(time.left_ns)};
  return call.result(write_user(*call.task.mm, call.argument(1), value));
}

Outcome ProcessServer::sys_setitimer(const Call& call) {
  const i32 which = call.int_argument(0);
  Process& process = *call.task.process;
  const Mm& mm = *call.task.mm;
  // Linux takes a null pointer for zeros.
  Itimerval wanted{};
  if (call.argument(1) != 0 && read_user(mm, call.argument(1), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(wanted.value) || !is_valid(wanted.interval) ||
      which < kItimerReal || which > kItimerProf) {
    return call.result(-EINVAL);
  }
  const IntervalTime old = interval_timer(process, which);
  set_interval_timer(process, which,
                     {ns_of(wanted.value), ns_of(wanted.interval)});
  if (call.argument(2) == 0) return call.result(0);
  const Itimerval value{timeval_of(old.interval_ns), timeval_of(old.left_ns)};
  return call.result(write_user(mm, call.argument(2), value));
}

}  // namespace tine::process
