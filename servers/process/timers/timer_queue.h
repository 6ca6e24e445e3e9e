// What happens at a time: a list by deadline, and one timer of the kernel, set
// to the first.
#ifndef SERVERS_PROCESS_TIMERS_TIMER_QUEUE_H_
#define SERVERS_PROCESS_TIMERS_TIMER_QUEUE_H_

#include "servers/process/clock.h"
#include "servers/process/deferred_ops.h"
#include "servers/process/timers/timer.h"

namespace tine::process {

// However short its interval, a timer runs out no more often than this:
// programs must get on.
inline constexpr u64 kLeastPauseNs = 20'000;

class TimerQueue {
 public:
  explicit TimerQueue(DeferredOps& deferred) : deferred_(deferred) {}

  // `timer` is not set; its kind and whom it concerns are.
  void start(Timer& timer, u64 deadline_ns);
  // It is set, and for a time of CLOCK_REALTIME.
  void follow_realtime(Timer& timer) { timer.follows_realtime = true; }
  // Sets CLOCK_REALTIME, and them after it.
  void set_realtime(Clock& clock, u64 ahead_ns);
  void stop(Timer& timer) {
    if (timer.is_set()) [[unlikely]]
      remove(timer);
  }
  // The kernel's timer went off: `f(timer, deadline)` for each that is due, no
  // longer set. `f` may start and stop any.
  template <typename F>
  void expire(F f) {
    armed_ns_ = 0;
    const u64 now = sys::clock_ns();
    while (first_ != nullptr && first_->deadline_ns <= now) {
      Timer& timer = *first_;
      const u64 deadline = timer.deadline_ns;
      remove(timer);
      f(timer, deadline);
    }
    arm();
  }

 private:
  void remove(Timer& timer);
  void arm();

  DeferredOps& deferred_;
  Timer* first_ = nullptr;
  u64 armed_ns_ = 0;  // the kernel's timer; 0: not set
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TIMERS_TIMER_QUEUE_H_
