// The timers that each process has: ITIMER_REAL, which alarm sets, and what
// limits its CPU time: ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU.
#ifndef SERVERS_PROCESS_TIMERS_INTERVAL_TIMERS_H_
#define SERVERS_PROCESS_TIMERS_INTERVAL_TIMERS_H_

#include "servers/process/signal/signals.h"
#include "servers/process/task_clocks.h"
#include "servers/process/timers/timer_queue.h"

namespace tine::process {

// What is left, 0 if it is not set.
struct IntervalTime {
  u64 left_ns = 0;
  u64 interval_ns = 0;
};

class IntervalTimers {
 public:
  IntervalTimers(TimerQueue& timers, const TaskClocks& clocks, Signals& signals)
      : timers_(timers), clocks_(clocks), signals_(signals) {}

  // `which` is one of ITIMER_*.
  IntervalTime get(const Process& process, i32 which) const;
  void set(Process& process, i32 which, IntervalTime time);
  // ITIMER_REAL has run out. An interval counts from when it should have.
  void expire_real(Process& process, u64 deadline_ns);
  void stop(Process& process) {
    timers_.stop(process.real_timer);
    timers_.stop(process.cpu_watch);
  }

  // ---- cpu_limits.cc
  // Sets the look at CPU time to when a timer may have run out at the earliest.
  void watch_cpu_time(Process& process);
  void look_at_cpu_time(Process& process);

 private:
  u64 cpu_ns(const Process& process, i32 which) const;
  bool is_ended_by_cpu_limit(Process& process);

  TimerQueue& timers_;
  const TaskClocks& clocks_;
  Signals& signals_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TIMERS_INTERVAL_TIMERS_H_
