// Tasks, their pids and their tree.
#ifndef SERVERS_PROCESS_TASK_TABLE_H_
#define SERVERS_PROCESS_TASK_TABLE_H_

#include "servers/process/task.h"
#include "servers/runtime/heap.h"

namespace tine::process {

inline constexpr i32 kPidMax = 32768;  // exclusive
// Where numbers go on after the largest: the low ones stay with the system.
inline constexpr i32 kFirstReusedPid = 300;

class TaskTable {
 public:
  TaskTable(Heap& heap, u32 count);

  // A task in state kEmbryo with a pid of its own, in no list. Null: all are
  // in use.
  Task* take();
  // Back, with its pid; it is in no list and shares nothing any more.
  void release(Task& task);

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

  // A pid that names a group or session of some task is not given again.
  void join(Task& task, Pid group, Pid session);
  void leave(Task& task);

  // Live tasks and zombies are those of the first `end()` that are not free.
  Task* begin() { return tasks_; }
  Task* end() { return tasks_ + used_; }
  const Task* begin() const { return tasks_; }
  const Task* end() const { return tasks_ + used_; }
  u32 live() const { return live_; }
  u32 capacity() const { return count_; }

 private:
  struct PidSlot {
    u16 task = 0;  // index + 1
    u16 uses = 0;  // as group or session
  };
  static bool is_pid(Pid pid) { return pid.value > 0 && pid.value < kPidMax; }

  u32 count_;
  Task* tasks_;
  PidSlot* pids_;
  u32* free_;  // a stack of indices
  u32 free_count_ = 0;
  u32 used_ = 0;  // highest index ever used + 1
  u32 live_ = 0;
  i32 last_pid_ = 0;
};

// The tree.
void link_child(Task& parent, Task& child);
void unlink_child(Task& child);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TASK_TABLE_H_
