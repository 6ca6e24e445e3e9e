#include "servers/process/waiting_calls.h"

namespace tine::process {

Outcome WaitingCalls::withhold(const Call& call, Wait wait) {
  call.task.wait = wait;
  call.task.token = call.token;
  board_.show_state(call.task, wait == Wait::kVfork ? 'D' : 'S');
  return tine::withhold();
}

void WaitingCalls::set_timeout(Task& task, u64 deadline_ns) {
  task.timer.kind = Timer::Kind::kWait;
  task.timer.task = &task;
  timers_.start(task.timer, deadline_ns);
}

void WaitingCalls::stop(Task& task) {
  timers_.stop(task.timer);
  if (task.wait >= Wait::kFutex) leave_queue(task);
  if (task.wait != Wait::kNone) board_.show_state(task, 'R');
  task.wait = Wait::kNone;
}

// Those that wait for the same know one another.
void WaitingCalls::leave_queue(Task& task) {
  switch (task.wait) {
    case Wait::kFutexPi:
      scheduler_.end_inheritance(task);
      [[fallthrough]];
    case Wait::kFutex:
    case Wait::kFutexRequeue:
      futexes_.remove(task.futex.waiter);
      break;
    case Wait::kFutexVector:
      for (u32 i = 0; i < task.futex_vector.count; ++i) {
        futexes_.remove(task.futex_vector.waiters[i]);
      }
      blocks_.give(task.futex_vector.waiters);
      break;
    case Wait::kSemaphore:
      semaphores_.leave(task);
      break;
    case Wait::kSendMessage:
      messages_.leave_senders(task);
      break;
    case Wait::kReceiveMessage:
      messages_.leave_receivers(task);
      break;
    default:
      break;
  }
}

void WaitingCalls::wake(Task& task, i64 result) {
  stop(task);
  task.ending = Ending::result(result);
  task.has_ending = true;
  notice(task);
}

void WaitingCalls::notice(Task& task) {
  if (task.is_noticed || task.state != TaskState::kLive) return;
  task.is_noticed = true;
  task.next_noticed = nullptr;
  if (last_noticed_ != nullptr) {
    last_noticed_->next_noticed = &task;
  } else {
    first_noticed_ = &task;
  }
  last_noticed_ = &task;
}

Task* WaitingCalls::take_noticed() {
  Task* task = first_noticed_;
  if (task == nullptr) return nullptr;
  first_noticed_ = task->next_noticed;
  if (first_noticed_ == nullptr) last_noticed_ = nullptr;
  task->is_noticed = false;
  return task;
}

}  // namespace tine::process
