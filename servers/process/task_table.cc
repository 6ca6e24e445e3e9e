#include "servers/process/task_table.h"

#include "kernel/base/fault_site.h"
#include "servers/linux_abi/errno.h"

namespace tine::process {

TaskTable::TaskTable(Heap& heap, u32 count, PidNamespaces& spaces)
    : spaces_(spaces),
      count_(count),
      tasks_(heap.take_array<Task>(count)),
      pids_(heap.take_array<PidSlot>(kPidMax)),
      free_(heap.take_array<u32>(count)) {}

// Every process may hold three numbers, its group's and session's too, so that
// even with fewer tasks than numbers none may be left: then 0.
Pid TaskTable::next_free() {
  i32 pid = last_pid_;
  i32 tried = 0;
  do {
    pid = pid + 1 < kPidMax ? pid + 1 : kFirstReusedPid;
    if (++tried == kPidMax) return {};
  } while (pids_[pid].task != 0 || pids_[pid].uses != 0);
  last_pid_ = pid;
  return Pid{pid};
}

i64 TaskTable::take(Pid wanted, Task** taken) {
  if (FAULT_SITE("task")) return -linux_abi::EAGAIN;
  if (free_count_ == 0 && used_ == count_) return -linux_abi::EAGAIN;
  Pid tid = wanted;
  if (tid.value == 0) [[likely]] {
    tid = next_free();
    if (tid.value == 0) return -linux_abi::EAGAIN;
  } else if (pids_[tid.value].task != 0 || pids_[tid.value].uses != 0) {
    return -linux_abi::EEXIST;
  }
  u32 index;
  if (free_count_ != 0) {
    index = free_[--free_count_];
  } else {
    index = used_++;
    tasks_[index].index = index;
  }
  pids_[tid.value].task = static_cast<u16>(index + 1);
  ++live_;
  Task& task = tasks_[index];
  task.tid = tid;
  task.state = TaskState::kEmbryo;
  *taken = &task;
  return 0;
}

void TaskTable::swap_tids(Task& a, Task& b) {
  const Pid tid = a.tid;
  a.tid = b.tid;
  b.tid = tid;
  pids_[a.tid.value].task = static_cast<u16>(a.index + 1);
  pids_[b.tid.value].task = static_cast<u16>(b.index + 1);
}

void TaskTable::release(Task& task) {
  pids_[task.tid.value].task = 0;
  if (spaces_.used_numbers() != 0) [[unlikely]]
    forget_if_unused(task.tid);
  --live_;
  task.state = TaskState::kFree;
  // Old cookies name nobody; generation 0 would collide with server badges.
  if (++task.generation == 0) task.generation = 1;
  free_[free_count_++] = task.index;
}

void TaskTable::join(Process& process, Pid group, Pid session) {
  process.group = group;
  process.session = session;
  ++pids_[group.value].uses;
  ++pids_[session.value].uses;
}

void TaskTable::leave(Process& process) {
  --pids_[process.group.value].uses;
  --pids_[process.session.value].uses;
  if (spaces_.used_numbers() != 0) [[unlikely]] {
    forget_if_unused(process.group);
    forget_if_unused(process.session);
  }
}

void TaskTable::move(Process& process, Pid group, Pid session) {
  const Pid old_group = process.group;
  const Pid old_session = process.session;
  join(process, group, session);
  --pids_[old_group.value].uses;
  --pids_[old_session.value].uses;
  if (spaces_.used_numbers() != 0) [[unlikely]] {
    forget_if_unused(old_group);
    forget_if_unused(old_session);
  }
}

void TaskTable::forget_if_unused(Pid pid) {
  const PidSlot& slot = pids_[pid.value];
  if (slot.task == 0 && slot.uses == 0) spaces_.forget(pid);
}

void link_child(Task& creator, Process& child) {
  Process& parent = *creator.process;
  ++creator.created;
  child.parent_task = &creator;
  child.parent = &parent;
  child.next_sibling = nullptr;
  child.previous_sibling = parent.last_child;
  if (parent.last_child != nullptr) {
    parent.last_child->next_sibling = &child;
  } else {
    parent.first_child = &child;
  }
  parent.last_child = &child;
}

void unlink_child(Process& child) {
  Process& parent = *child.parent;
  --child.parent_task->created;
  if (child.previous_sibling != nullptr) {
    child.previous_sibling->next_sibling = child.next_sibling;
  } else {
    parent.first_child = child.next_sibling;
  }
  if (child.next_sibling != nullptr) {
    child.next_sibling->previous_sibling = child.previous_sibling;
  } else {
    parent.last_child = child.previous_sibling;
  }
  child.next_sibling = child.previous_sibling = nullptr;
}

void link_thread(Process& process, Task& task) {
  task.process = &process;
  task.next_thread = nullptr;
  task.previous_thread = process.last_thread;
  if (process.last_thread != nullptr) {
    process.last_thread->next_thread = &task;
  } else {
    process.first_thread = &task;
  }
  process.last_thread = &task;
}

void unlink_thread(Task& task) {
  Process& process = *task.process;
  if (task.previous_thread != nullptr) {
    task.previous_thread->next_thread = task.next_thread;
  } else {
    process.first_thread = task.next_thread;
  }
  if (task.next_thread != nullptr) {
    task.next_thread->previous_thread = task.previous_thread;
  } else {
    process.last_thread = task.previous_thread;
  }
}

}  // namespace tine::process
