// What happens at a time: a list by deadline, and one timer of the kernel, set
// to the first.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

void ProcessServer::start_timer(Timer& timer, u64 deadline_ns) {
  timer.deadline_ns = deadline_ns != 0 ? deadline_ns : 1;
  Timer* after = nullptr;
  Timer* before = timers_;
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
    timers_ = &timer;
    arm_timer();
  }
}

void ProcessServer::stop_timer(Timer& timer) {
  if (!timer.is_set()) [[likely]]
    return;
  timer.deadline_ns = 0;
  if (timer.next != nullptr) timer.next->previous = timer.previous;
  if (timer.previous != nullptr) {
    timer.previous->next = timer.next;
  } else {
    timers_ = timer.next;
  }
}

void ProcessServer::set_timer(Task& task, u64 deadline_ns) {
  task.timer.kind = Timer::Kind::kWait;
  task.timer.task = &task;
  start_timer(task.timer, deadline_ns);
}

void ProcessServer::clear_timer(Task& task) { stop_timer(task.timer); }

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
    Timer& timer = *timers_;
    const u64 deadline = timer.deadline_ns;
    stop_timer(timer);
    expire(timer, deadline);
  }
  arm_timer();
}

void ProcessServer::expire(Timer& timer, u64 deadline_ns) {
  switch (timer.kind) {
    case Timer::Kind::kWait:
      end_timed_wait(*timer.task);
      break;
    case Timer::Kind::kReal:
      expire_real_timer(*timer.process, deadline_ns);
      break;
    case Timer::Kind::kCpu:
      look_at_cpu_time(*timer.process);
      break;
    case Timer::Kind::kPosix:
      expire_posix_timer(*timer.posix, deadline_ns);
      break;
  }
}

void ProcessServer::end_timed_wait(Task& task) {
  switch (task.wait) {
    case Wait::kFutex:
      wake(task, -linux_abi::ETIMEDOUT);
      break;
    case Wait::kSignal:
      wake(task, -linux_abi::EAGAIN);
      break;
    case Wait::kCpuSleep:
      if (!is_asleep_on_cpu(task, task.sleep)) wake(task, 0);
      break;
    default:
      wake(task, 0);
      break;
  }
}

}  // namespace tine::process
