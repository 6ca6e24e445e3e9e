// Tasks whose withheld call ends at a time: a list by deadline, and one timer
// of the kernel, set to the first.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

void ProcessServer::set_timer(Task& task, u64 deadline_ns) {
  task.deadline_ns = deadline_ns != 0 ? deadline_ns : 1;
  Task* after = nullptr;
  Task* before = timers_;
  while (before != nullptr && before->deadline_ns <= task.deadline_ns) {
    after = before;
    before = before->next_timer;
  }
  task.previous_timer = after;
  task.next_timer = before;
  if (before != nullptr) before->previous_timer = &task;
  if (after != nullptr) {
    after->next_timer = &task;
  } else {
    timers_ = &task;
    arm_timer();
  }
}

void ProcessServer::clear_timer(Task& task) {
  if (task.deadline_ns == 0) [[likely]]
    return;
  task.deadline_ns = 0;
  if (task.next_timer != nullptr) {
    task.next_timer->previous_timer = task.previous_timer;
  }
  if (task.previous_timer != nullptr) {
    task.previous_timer->next_timer = task.next_timer;
  } else {
    timers_ = task.next_timer;
  }
}

// A timer that fires for a task that was cleared finds nothing to do, so only
// an earlier deadline needs the kernel.
void ProcessServer::arm_timer() {
  if (timers_ == nullptr) return;
  if (armed_ns_ != 0 && armed_ns_ <= timers_->deadline_ns) return;
  armed_ns_ = timers_->deadline_ns;
  defer(OpCode::kTimerSet, kSelfNotification, kNewsTimer, armed_ns_);
}

void ProcessServer::expire_timers() {
  armed_ns_ = 0;
  const u64 now = sys::clock_ns();
  while (timers_ != nullptr && timers_->deadline_ns <= now) {
    Task& task = *timers_;
    switch (task.wait) {
      case Wait::kFutex:
        wake(task, -linux_abi::ETIMEDOUT);
        break;
      case Wait::kSignal:
        wake(task, -linux_abi::EAGAIN);
        break;
      default:
        wake(task, 0);
        break;
    }
  }
  arm_timer();
}

}  // namespace tine::process
