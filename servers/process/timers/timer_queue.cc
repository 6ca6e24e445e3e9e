#include "servers/process/timers/timer_queue.h"

namespace tine::process {

void TimerQueue::start(Timer& timer, u64 deadline_ns) {
  timer.deadline_ns = deadline_ns != 0 ? deadline_ns : 1;
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

// A timer that fires when the first one was stopped finds nothing to do, so
// only an earlier deadline needs the kernel.
void TimerQueue::arm() {
  if (first_ == nullptr) return;
  if (armed_ns_ != 0 && armed_ns_ <= first_->deadline_ns) return;
  armed_ns_ = first_->deadline_ns;
  deferred_.add(OpCode::kTimerSet, kSelfNotification, kNewsTimer, armed_ns_);
}

}  // namespace tine::process
