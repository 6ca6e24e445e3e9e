#include "servers/vfs/wait/wakeups.h"

#include "servers/runtime/sys.h"
#include "servers/vfs/task_files.h"
#include "servers/vfs/wait/async_watch.h"

namespace tine::vfs {

void WaitList::add(WaitNode& node) {
  node.list = this;
  node.previous = last_;
  node.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &node;
  last_ = &node;
}

void WaitList::remove(WaitNode& node) {
  WaitList* const list = node.list;
  if (list == nullptr) return;
  (node.previous == nullptr ? list->first_ : node.previous->next) = node.next;
  (node.next == nullptr ? list->last_ : node.next->previous) = node.previous;
  node.list = nullptr;
}

void WaitQueue::wake() {
  ++wakes_;
  if (async != nullptr) [[unlikely]]
    AsyncWatches::tell(async);
  while (WaitNode* node = first()) {
    remove(*node);
    wakeups_.wake(*node->task);
  }
}

bool Wakeups::add(Task& task, WaitQueue& queue) {
  Waiting& wait = task.wait;
  WaitNode* node = &wait.node;
  if (wait.nodes != nullptr && (node = nodes_.make()) == nullptr) return false;
  node->task = &task;
  node->next_of_task = wait.nodes;
  wait.nodes = node;
  queue.add(*node);
  return true;
}

void Wakeups::leave_queues(Task& task) {
  Waiting& wait = task.wait;
  while (WaitNode* node = wait.nodes) {
    wait.nodes = node->next_of_task;
    WaitList::remove(*node);
    if (node != &wait.node) nodes_.free(node);
  }
}

void Wakeups::leave(Task& task) {
  leave_queues(task);
  clear(task.wait.alarm);
  WaitList::remove(task.wait.woken);
}

void Wakeups::wake(Task& task) {
  if (task.wait.woken.list != nullptr) return;
  task.wait.woken.task = &task;
  woken_.add(task.wait.woken);
}

Task* Wakeups::next() {
  WaitNode* node = woken_.first();
  if (node == nullptr) return nullptr;
  leave(*node->task);
  return node->task;
}

void Wakeups::set_timer(Task& task, u64 deadline) {
  task.wait.alarm.task = &task;
  set_alarm(task.wait.alarm, deadline);
}

void Wakeups::set_alarm(Alarm& alarm, u64 at) {
  clear(alarm);
  if (at == 0) return;
  Alarm* after = nullptr;
  Alarm* before = alarms_;
  while (before != nullptr && before->at <= at) {
    after = before;
    before = before->next;
  }
  alarm.at = at;
  alarm.previous = after;
  alarm.next = before;
  if (before != nullptr) before->previous = &alarm;
  (after == nullptr ? alarms_ : after->next) = &alarm;
  if (after == nullptr) arm();
}

void Wakeups::clear(Alarm& alarm) {
  if (alarm.at == 0) return;
  alarm.at = 0;
  if (alarm.next != nullptr) alarm.next->previous = alarm.previous;
  (alarm.previous == nullptr ? alarms_ : alarm.previous->next) = alarm.next;
}

// An alarm that goes off for a task that has left finds nothing to do, so only
// an earlier one needs the kernel.
void Wakeups::arm() {
  if (alarms_ == nullptr) return;
  if (armed_ != 0 && armed_ <= alarms_->at) return;
  armed_ = alarms_->at;
  (void)sys::run({OpCode::kTimerSet, kSelfNotification, kNewsTimer, armed_});
}

void Wakeups::expire(u64 now) {
  armed_ = 0;
  while (alarms_ != nullptr && alarms_->at <= now) {
    Alarm& alarm = *alarms_;
    clear(alarm);
    if (alarm.task != nullptr) {
      wake(*alarm.task);
    } else {
      alarm.queue->wake();
    }
  }
  arm();
}

}  // namespace tine::vfs
