// Timers of timer_create: their life, being set, running out.
#include "servers/process/timers/posix_timers.h"

#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

PosixTimer* PosixTimers::make(const Task& maker) {
  Process& process = *maker.process;
  PosixTimer* timer = slab_.make();
  if (timer == nullptr) return nullptr;
  if (!store_.count(timer->queued, maker.credentials().uid,
                    process.limits[kLimitPending].soft)) {
    slab_.free(timer);
    return nullptr;
  }
  timer->id = process.next_timer_id++;
  timer->process = &process;
  timer->timer.kind = Timer::Kind::kPosix;
  timer->timer.posix = timer;
  timer->queued.timer = timer;
  timer->next = process.posix_timers;
  process.posix_timers = timer;
  return timer;
}

void PosixTimers::free(PosixTimer& timer) {
  Process& process = *timer.process;
  timers_.stop(timer.timer);
  if (timer.is_queued) unqueue_signal(timer);
  PosixTimer** at = &process.posix_timers;
  while (*at != &timer) at = &(*at)->next;
  *at = timer.next;
  store_.uncount(timer.queued);
  slab_.free(&timer);
}

void PosixTimers::free_all(Process& process) {
  while (process.posix_timers != nullptr) {
    free(*process.posix_timers);
  }
}

bool PosixTimers::set(PosixTimer& timer, const Itimerspec& time,
                      bool is_absolute) {
  u64 cpu_now = 0;
  if (timer.is_of_cpu && !clocks_.cpu_time(timer.cpu, &cpu_now)) return false;
  timers_.stop(timer.timer);
  if (timer.is_queued) unqueue_signal(timer);
  timer.overrun = 0;
  timer.last_overrun = 0;
  timer.cpu_deadline_ns = 0;
  timer.early_ns = 0;
  timer.interval_ns = 0;
  u64 at = to_ns(time.value);
  if (at == 0) return true;
  timer.interval_ns = to_ns(time.interval);
  if (timer.is_of_cpu) {
    set_cpu_timer(timer, is_absolute ? at : at + cpu_now);
    return true;
  }
  const bool follows = is_absolute && (timer.clock == kClockRealtime ||
                                       timer.clock == kClockTai);
  if (!is_absolute) {
    at += sys::clock_ns();
  } else if (follows) {
    u64 now;
    (void)clock_.read(timer.clock, &now);
    const u64 started = now - sys::clock_ns();
    if (at < started) timer.early_ns = started - at;
    at = clock_.monotonic_at(at);
  }
  timers_.start(timer.timer, at);
  if (follows) timers_.follow_realtime(timer.timer);
  return true;
}

Itimerspec PosixTimers::time_left(const PosixTimer& timer) const {
  u64 deadline = timer.timer.deadline_ns;
  u64 now = sys::clock_ns();
  if (timer.is_of_cpu) {
    deadline = timer.cpu_deadline_ns;
    if (deadline != 0 && !clocks_.cpu_time(timer.cpu, &now)) deadline = 0;
  }
  u64 left = 0;
  if (deadline != 0) left = deadline > now ? deadline - now : 1;
  return {to_timespec(timer.interval_ns), to_timespec(left)};
}

void PosixTimers::expire(PosixTimer& timer, u64 deadline_ns) {
  if (timer.is_of_cpu) {
    look_at_cpu_timer(timer);
    return;
  }
  u64 times = 1;
  if (const u64 interval = timer.interval_ns; interval != 0) {
    const u64 now = sys::clock_ns();
    const u64 late = now - deadline_ns + timer.early_ns;
    timer.early_ns = 0;
    times += late / interval;
    u64 next = now + interval - late % interval;
    // What would come too soon has come already.
    if (interval < kLeastPauseNs) [[unlikely]] {
      const u64 more = kLeastPauseNs / interval;
      next += more * interval;
      times += more;
    }
    const bool follows = timer.timer.follows_realtime;
    timers_.start(timer.timer, next);
    if (follows) timers_.follow_realtime(timer.timer);
  }
  tell(timer, times);
}

}  // namespace tine::process
