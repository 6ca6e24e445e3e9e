// Clocks and sleeping.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_clock_gettime(const Call& call) {
  u64 ns;
  if (!clocks_.read(call.task, call.int_argument(0), &ns)) {
    return call.result(-EINVAL);
  }
  return call.result_with(call.argument(1), to_timespec(ns));
}

Outcome ProcessServer::sys_clock_getres(const Call& call) {
  u64 ns;
  if (!clocks_.read(call.task, call.int_argument(0), &ns)) {
    return call.result(-EINVAL);
  }
  if (call.argument(1) == 0) return call.result(0);
  return call.result_with(call.argument(1), Timespec{0, 1});
}

Outcome ProcessServer::sys_clock_settime(const Call& call) {
  const i32 clock = call.int_argument(0);
  u64 ns;
  Timespec time;
  if (clock > kClockRealtime) return call.result(-EINVAL);
  if (user_.read(*call.task.mm, call.argument(1), time) != 0) {
    return call.result(-EFAULT);
  }
  // A clock of CPU time is nobody's to set.
  if (clock < 0) {
    const bool is_known = clocks_.read(call.task, clock, &ns);
    return call.result(is_known ? -EPERM : -EINVAL);
  }
  if (!is_valid(time)) return call.result(-EINVAL);
  if (!is_capable(call.task, Capability::kSysTime)) return call.result(-EPERM);
  const u64 now = sys::clock_ns();
  // Linux refuses a time before boot.
  if (to_ns(time) < now) return call.result(-EINVAL);
  timers_.set_realtime(clock_, to_ns(time) - now);
  return call.result(0);
}

Outcome ProcessServer::sys_gettimeofday(const Call& call) {
  u64 ns;
  (void)clock_.read(kClockRealtime, &ns);
  if (call.argument(0) != 0 &&
      user_.write(*call.task.mm, call.argument(0), to_timeval(ns)) != 0) {
    return call.result(-EFAULT);
  }
  if (call.argument(1) != 0 &&
      user_.write(*call.task.mm, call.argument(1), timezone_) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(0);
}

Outcome ProcessServer::sys_settimeofday(const Call& call) {
  constexpr i32 kMostMinutes = 15 * 60;
  const bool sets_time = call.argument(0) != 0;
  const bool sets_zone = call.argument(1) != 0;
  Timeval time{};
  Timezone zone{};
  if (sets_time && user_.read(*call.task.mm, call.argument(0), time) != 0) {
    return call.result(-EFAULT);
  }
  if (time.microseconds < 0 || time.microseconds >= 1'000'000) {
    return call.result(-EINVAL);
  }
  if (sets_zone && user_.read(*call.task.mm, call.argument(1), zone) != 0) {
    return call.result(-EFAULT);
  }
  const u64 now = sys::clock_ns();
  const u64 wanted = to_ns({time.seconds, time.microseconds * 1000});
  if (sets_time && time.seconds < 0) return call.result(-EINVAL);
  if (!is_capable(call.task, Capability::kSysTime)) return call.result(-EPERM);
  if (zone.minutes_west > kMostMinutes || zone.minutes_west < -kMostMinutes ||
      (sets_time && wanted < now)) {
    return call.result(-EINVAL);
  }
  if (sets_zone) timezone_ = zone;
  if (sets_time) timers_.set_realtime(clock_, wanted - now);
  return call.result(0);
}

Outcome ProcessServer::sys_time(const Call& call) {
  u64 ns;
  (void)clock_.read(kClockRealtime, &ns);
  const i64 seconds = to_timespec(ns).seconds;
  if (call.argument(0) != 0 &&
      user_.write(*call.task.mm, call.argument(0), seconds) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(seconds);
}

Outcome ProcessServer::begin_sleep(const Call& call, Wait wait,
                                   const SleepWait& sleep) {
  if (wait == Wait::kCpuSleep) {
    if (!is_asleep_on_cpu(call.task, sleep)) return call.result(0);
  } else {
    if (sleep.deadline_ns <= sys::clock_ns()) return call.result(0);
    waiting_.set_timeout(call.task, sleep.deadline_ns);
  }
  call.task.sleep = sleep;
  return waiting_.withhold(call, wait);
}

Outcome ProcessServer::sleep(const Call& call, i32 clock, bool absolute,
                             u64 request, u64 rest) {
  Timespec time;
  if (user_.read(*call.task.mm, request, time) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(time)) return call.result(-EINVAL);
  SleepWait sleep{.deadline_ns = to_ns(time),
                  .rest = absolute ? 0 : rest,
                  .is_absolute = absolute,
                  .clock = {}};
  if (clock < 0 || clock == kClockProcessCpu) {
    u64 now;
    if (!clocks_.find(call.task, clock, false, &sleep.clock) ||
        !clocks_.cpu_time(sleep.clock, &now) ||
        // It would sleep for ever.
        sleep.clock.thread == call.task.cookie()) {
      return call.result(-EINVAL);
    }
    if (!absolute) sleep.deadline_ns += now;
    return begin_sleep(call, Wait::kCpuSleep, sleep);
  }
  const bool follows =
      absolute && (clock == kClockRealtime || clock == kClockTai);
  if (!absolute) {
    sleep.deadline_ns += sys::clock_ns();
  } else if (follows) {
    sleep.deadline_ns = clock_.monotonic_at(sleep.deadline_ns);
  }
  const Outcome outcome = begin_sleep(call, Wait::kSleep, sleep);
  if (follows && call.task.wait == Wait::kSleep) {
    timers_.follow_realtime(call.task.timer);
  }
  return outcome;
}

Outcome ProcessServer::sys_nanosleep(const Call& call) {
  return sleep(call, kClockMonotonic, false, call.argument(0),
               call.argument(1));
}

Outcome ProcessServer::sys_clock_nanosleep(const Call& call) {
  const i32 clock = call.int_argument(0);
  switch (clock) {
    case kClockRealtime:
    case kClockMonotonic:
    case kClockBoottime:
    case kClockTai:
    case kClockProcessCpu:
      break;
    case kClockMonotonicRaw:
    case kClockRealtimeCoarse:
    case kClockMonotonicCoarse:
    case kClockThreadCpu:
    case kClockRealtimeAlarm:  // there is no clock that could wake the machine
    case kClockBoottimeAlarm:
      return call.result(-EOPNOTSUPP);
    default:
      if (clock >= 0) return call.result(-EINVAL);
      if (is_clock_of_descriptor(clock)) return call.result(-EOPNOTSUPP);
      break;
  }
  return sleep(call, clock, (call.int_argument(1) & kTimerAbstime) != 0,
               call.argument(2), call.argument(3));
}

// do_cpu_nanosleep(). False: it is time, or what is counted has gone before.
bool ProcessServer::is_asleep_on_cpu(Task& task, const SleepWait& sleep) {
  u64 now;
  // Nothing counts on any more: as in Linux it sleeps until a signal comes.
  if (!clocks_.cpu_time(sleep.clock, &now)) return true;
  if (now >= sleep.deadline_ns) return false;
  waiting_.set_timeout(task, next_look_ns(sleep.deadline_ns - now, false));
  return true;
}

}  // namespace tine::process
