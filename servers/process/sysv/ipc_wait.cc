#include "servers/process/sysv/ipc_wait.h"

#include "servers/process/task.h"

namespace tine::process::sysv {

void TaskQueue::add(Task& task) {
  task.ipc.next = nullptr;
  task.ipc.previous = last_;
  (last_ != nullptr ? last_->ipc.next : first_) = &task;
  last_ = &task;
}

void TaskQueue::remove(Task& task) {
  Task* const next = task.ipc.next;
  Task* const previous = task.ipc.previous;
  (previous != nullptr ? previous->ipc.next : first_) = next;
  (next != nullptr ? next->ipc.previous : last_) = previous;
}

}  // namespace tine::process::sysv
