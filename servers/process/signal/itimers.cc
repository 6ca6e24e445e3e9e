// alarm, setitimer and getitimer.
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

}  // namespace

Outcome ProcessServer::sys_alarm(const Call& call) {
  Process& process = *call.task.process;
  const IntervalTime old = interval_timers_.get(process, kItimerReal);
  interval_timers_.set(process, kItimerReal,
                       {call.uint_argument(0) * u64{kNsPerSecond}, 0});
  // Rounded, but never to "there was none".
  u64 seconds = (old.left_ns + kNsPerSecond / 2) / kNsPerSecond;
  if (seconds == 0 && old.left_ns != 0) seconds = 1;
  return call.result(static_cast<i64>(seconds));
}

Outcome ProcessServer::sys_getitimer(const Call& call) {
  const i32 which = call.int_argument(0);
  if (which < kItimerReal || which > kItimerProf) return call.result(-EINVAL);
  const IntervalTime time = interval_timers_.get(*call.task.process, which);
  const Itimerval value{timeval_of(time.interval_ns), timeval_of(time.left_ns)};
  return call.result_with(call.argument(1), value);
}

Outcome ProcessServer::sys_setitimer(const Call& call) {
  const i32 which = call.int_argument(0);
  Process& process = *call.task.process;
  const Mm& mm = *call.task.mm;
  // Linux takes a null pointer for zeros.
  Itimerval wanted{};
  if (call.argument(1) != 0 && user_.read(mm, call.argument(1), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(wanted.value) || !is_valid(wanted.interval) ||
      which < kItimerReal || which > kItimerProf) {
    return call.result(-EINVAL);
  }
  const IntervalTime old = interval_timers_.get(process, which);
  interval_timers_.set(process, which,
                       {ns_of(wanted.value), ns_of(wanted.interval)});
  if (call.argument(2) == 0) return call.result(0);
  const Itimerval value{timeval_of(old.interval_ns), timeval_of(old.left_ns)};
  return call.result_with(call.argument(2), value);
}

}  // namespace tine::process
