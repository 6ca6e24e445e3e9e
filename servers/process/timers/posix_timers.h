// Timers that programs make by timer_create.
//
// A timer has the place for its signal in it, so that running out needs no
// memory. While the signal is pending the timer only counts (overrun).
#ifndef SERVERS_PROCESS_TIMERS_POSIX_TIMERS_H_
#define SERVERS_PROCESS_TIMERS_POSIX_TIMERS_H_

#include "servers/linux_abi/time.h"
#include "servers/process/signal/posix_timer.h"
#include "servers/process/signal/signals.h"
#include "servers/process/task_clocks.h"
#include "servers/process/timers/timer_queue.h"

namespace tine::process {

class PosixTimers {
 public:
  PosixTimers(Heap& heap, u64 most, TimerQueue& timers, const Clock& clock,
              const TaskClocks& clocks, TaskTable& tasks, Signals& signals,
              SignalStore& store)
      : slab_(heap, most),
        timers_(timers),
        clock_(clock),
        clocks_(clocks),
        tasks_(tasks),
        signals_(signals),
        store_(store) {}

  // Of the maker's process, not set, with the next id; null: there is no
  // memory, or its user has as many signals as it may (RLIMIT_SIGPENDING).
  PosixTimer* make(const Task& maker);
  void free(PosixTimer& timer);
  void free_all(Process& process);
  u64 live() const { return slab_.live(); }

  // False: what its clock counts has gone.
  bool set(PosixTimer& timer, const linux_abi::Itimerspec& time,
           bool is_absolute);
  linux_abi::Itimerspec time_left(const PosixTimer& timer) const;
  void expire(PosixTimer& timer, u64 deadline_ns);

 private:
  void set_cpu_timer(PosixTimer& timer, u64 deadline_ns);
  void look_at_cpu_timer(PosixTimer& timer);
  void tell(PosixTimer& timer, u64 times);
  void queue_signal(PosixTimer& timer);
  void unqueue_signal(PosixTimer& timer);

  Slab<PosixTimer> slab_;
  TimerQueue& timers_;
  const Clock& clock_;
  const TaskClocks& clocks_;
  TaskTable& tasks_;
  Signals& signals_;
  SignalStore& store_;
};

// When to look at a clock of CPU time that lacks `left` of what is waited for:
// it runs no faster than real time.
u64 next_look_ns(u64 left, bool is_idle);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TIMERS_POSIX_TIMERS_H_
