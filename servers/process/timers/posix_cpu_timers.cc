// POSIX timers on clocks of CPU time. Whoever waits looks at the clock when it
// may be time at the earliest, and again if it is not.
#include "servers/process/timers/posix_timers.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// While the clock stands still, as when its process sleeps, it is looked at
// less often: as often as Linux does, at a tick of 250 Hz.
constexpr u64 kShortestLook = 1'000'000;
constexpr u64 kIdleLook = 4'000'000;

}  // namespace

u64 next_look_ns(u64 left, bool is_idle) {
  if (left == 0) return sys::clock_ns();
  const u64 least = is_idle ? kIdleLook : kShortestLook;
  return sys::clock_ns() + (left > least ? left : least);
}

void PosixTimers::set_cpu_timer(PosixTimer& timer, u64 deadline_ns) {
  timer.cpu_deadline_ns = deadline_ns != 0 ? deadline_ns : 1;
  timer.cpu_seen_ns = 0;
  look_at_cpu_timer(timer);
}

void PosixTimers::look_at_cpu_timer(PosixTimer& timer) {
  u64 now;
  if (timer.cpu_deadline_ns == 0) return;
  if (!clocks_.cpu_time(timer.cpu, &now)) {
    timer.cpu_deadline_ns = 0;
    return;
  }
  if (now >= timer.cpu_deadline_ns) {
    u64 times = 1;
    if (const u64 interval = timer.interval_ns; interval != 0) {
      times += (now - timer.cpu_deadline_ns) / interval;
      timer.cpu_deadline_ns += times * interval;
    } else {
      timer.cpu_deadline_ns = 0;
    }
    tell(timer, times);
    if (timer.cpu_deadline_ns == 0) return;
  }
  timers_.start(timer.timer, next_look_ns(timer.cpu_deadline_ns - now,
                                          now == timer.cpu_seen_ns));
  timer.cpu_seen_ns = now;
}

}  // namespace tine::process
