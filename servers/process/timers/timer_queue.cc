#include "servers/process/timers/timer_queue.h"

namespace tine::process {

void TimerQueue::start(Timer& timer, u64 deadline_ns) {
  timer.deadline_ns = deadline_ns != 0 ? deadline_ns : 1;
  timer.follows_realtime = false;
  Timer* after = nullptr;
  Timer* before = first_;
  while (before != nullptr && before->deadline_ns <= timer.deadline_ns) {
    after = before;
    before = before->next;
  }
  timer.previous = after;
  timer.next = before;
  if (before != nullptr) before->previous = &timer;
  if (after != nullptr) {
    after->next = &timer;
  } else {
    first_ = &timer;
    arm();
  }
}

void TimerQueue::remove(Timer& timer) {
  timer.deadline_ns = 0;
  if (timer.next != nullptr) timer.next->previous = timer.previous;
  if (timer.previous != nullptr) {
    timer.previous->next = timer.next;
  } else {
    first_ = timer.next;
  }
}

void TimerQueue::set_realtime(Clock& clock, u64 ahead_ns) {
  const i64 forward_ns = static_cast<i64>(ahead_ns - clock.ahead_ns());
  clock.set_realtime(ahead_ns);
  Timer* moved = nullptr;
  for (Timer *timer = first_, *next; timer != nullptr; timer = next) {
    next = timer->next;
    if (!timer->follows_realtime) continue;
    const i64 deadline = static_cast<i64>(timer->deadline_ns) - forward_ns;
    remove(*timer);
    timer->deadline_ns = deadline > 0 ? static_cast<u64>(deadline) : 1;
    timer->next = moved;
    moved = timer;
  }
  while (Timer* timer = moved) {
    moved = timer->next;
    start(*timer, timer->deadline_ns);
    follow_realtime(*timer);
  }
}

// A timer that fires when the first one was stopped finds nothing to do, so
// only an earlier deadline needs the kernel.
void TimerQueue::arm() {
  if (first_ == nullptr) return;
  if (armed_ns_ != 0 && armed_ns_ <= first_->deadline_ns) return;
  armed_ns_ = first_->deadline_ns;
  deferred_.add(OpCode::kTimerSet, kSelfNotification, kNewsTimer, armed_ns_);
}

}  // namespace tine::process
