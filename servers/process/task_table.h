// Tasks, their tids, and the tree of processes.
#ifndef SERVERS_PROCESS_TASK_TABLE_H_
#define SERVERS_PROCESS_TASK_TABLE_H_

#include "servers/process/namespace/pid_namespace.h"
#include "servers/process/task.h"
#include "servers/runtime/heap.h"

namespace tine::process {

class TaskTable {
 public:
  TaskTable(Heap& heap, u32 count, PidNamespaces& spaces);

  static bool is_pid(Pid pid) { return pid.value > 0 && pid.value < kPidMax; }

  // A task in state kEmbryo with a tid of its own, or the one asked for, in no
  // list. EAGAIN: all are in use; EEXIST: that one is.
  i64 take(Pid wanted, Task** taken);
  // Back, with its tid; it is in no list and shares nothing any more.
  void release(Task& task);
  // The process that is or was led by the thread of that number.
  Process* find_process(Pid pid) {
    Task* task = find(pid);
    return task != nullptr && task->is_leader() ? task->process : nullptr;
  }

  Task* find(Pid pid) {
    return is_pid(pid) && pids_[pid.value].task != 0
               ? &tasks_[pids_[pid.value].task - 1]
               : nullptr;
  }
  Task* find_cookie(u64 cookie) {
    const u32 index = static_cast<u32>(cookie);
    return index < count_ && tasks_[index].cookie() == cookie ? &tasks_[index]
                                                              : nullptr;
  }

  // Each becomes the thread of the other's number.
  void swap_tids(Task& a, Task& b);

  // A pid that names a group or session of some process is not given again.
  void join(Process& process, Pid group, Pid session);
  void leave(Process& process);
  // From one group or session to another.
  void move(Process& process, Pid group, Pid session);

  // Live tasks and zombies are those of the first `end()` that are not free.
  Task* begin() { return tasks_; }
  Task* end() { return tasks_ + used_; }
  const Task* begin() const { return tasks_; }
  const Task* end() const { return tasks_ + used_; }
  // All processes, zombies too, and those of a group.
  template <typename F>
  void for_each_process(F f) {
    for (Task& task : *this) {
      if ((task.state == TaskState::kLive ||
           task.state == TaskState::kZombie) &&
          task.is_leader()) {
        f(*task.process);
      }
    }
  }
  template <typename F>
  void for_each_member(Pid group, F f) {
    for_each_process([&](Process& process) {
      if (process.group == group) f(process);
    });
  }
  u32 live() const { return live_; }
  u32 capacity() const { return count_; }

 private:
  struct PidSlot {
    u16 task = 0;  // index + 1
    u16 uses = 0;  // as group or session
  };

  Pid next_free();

  // A pid that nobody has any more loses its numbers in other namespaces.
  void forget_if_unused(Pid pid);

  PidNamespaces& spaces_;
  u32 count_;
  Task* tasks_;
  PidSlot* pids_;
  u32* free_;  // a stack of indices
  u32 free_count_ = 0;
  u32 used_ = 0;  // highest index ever used + 1
  u32 live_ = 0;
  i32 last_pid_ = 0;
};

// The tree: `child` becomes the youngest of those that `creator` made.
void link_child(Task& creator, Process& child);
void unlink_child(Process& child);

// The threads of a process, a leader that ended among them.
void link_thread(Process& process, Task& task);
void unlink_thread(Task& task);

template <typename F>
void for_each_thread(const Process& process, F f) {
  Task* next;
  for (Task* task = process.first_thread; task != nullptr; task = next) {
    next = task->next_thread;  // f may release the task
    f(*task);
  }
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TASK_TABLE_H_
