#include "servers/vfs/wait/wakeups.h"

#include "servers/runtime/sys.h"
#include "servers/vfs/task_files.h"

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
  clear_timer(task);
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
  clear_timer(task);
  if (deadline == 0) return;
  Task* after = nullptr;
  Task* before = timers_;
  while (before != nullptr && before->wait.timer <= deadline) {
    after = before;
    before = before->wait.next_timer;
  }
  task.wait.timer = deadline;
  task.wait.previous_timer = after;
  task.wait.next_timer = before;
  if (before != nullptr) before->wait.previous_timer = &task;
  (after == nullptr ? timers_ : after->wait.next_timer) = &task;
  if (after == nullptr) arm();
}

void Wakeups::clear_timer(Task& task) {
  Waiting& wait = task.wait;
  if (wait.timer == 0) return;
  wait.timer = 0;
  if (wait.next_timer != nullptr) {
    wait.next_timer->wait.previous_timer = wait.previous_timer;
  }
  (wait.previous_timer == nullptr ? timers_
                                  : wait.previous_timer->wait.next_timer) =
      wait.next_timer;
}

// A timer that fires for a task that has left finds nothing to do, so only an
// earlier deadline needs the kernel.
void Wakeups::arm() {
  if (timers_ == nullptr) return;
  if (armed_ != 0 && armed_ <= timers_->wait.timer) return;
  armed_ = timers_->wait.timer;
  (void)sys::run({OpCode::kTimerSet, kSelfNotification, kNewsTimer, armed_});
}

void Wakeups::expire(u64 now) {
  armed_ = 0;
  while (timers_ != nullptr && timers_->wait.timer <= now) {
    Task& task = *timers_;
    clear_timer(task);
    wake(task);
  }
  arm();
}

}  // namespace tine::vfs
