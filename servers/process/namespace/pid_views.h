// Pids as programs see them: each process in the numbers of its own namespace.
#ifndef SERVERS_PROCESS_NAMESPACE_PID_VIEWS_H_
#define SERVERS_PROCESS_NAMESPACE_PID_VIEWS_H_

#include "servers/process/task_table.h"

namespace tine::process {

class PidViews {
 public:
  PidViews(const PidNamespaces& spaces, TaskTable& tasks)
      : spaces_(spaces), tasks_(tasks) {}

  // The number of a pid for `viewer`; 0: it does not see it.
  i32 seen_by(const Process& viewer, Pid pid) const {
    return spaces_.seen_in(viewer.pids, pid);
  }
  i32 seen_by(const Task& viewer, Pid pid) const {
    return seen_by(*viewer.process, pid);
  }
  i32 own_tid(const Task& task) const { return seen_by(task, task.tid); }
  i32 own_pid(const Task& task) const { return seen_by(task, pid_of(task)); }
  // As getppid answers: 0 if it does not see its parent.
  i32 own_parent(const Task& task) const {
    const Process* parent = task.process->parent;
    return parent != nullptr ? seen_by(task, parent->pid) : 0;
  }
  // The pid, and the thread, that a number of a program means; none: 0, null.
  Pid pid_of_number(const Task& viewer, i32 number) const {
    return number > 0 ? spaces_.find(viewer.process->pids, number) : Pid{};
  }
  Task* find(const Task& viewer, i32 number) const {
    return tasks_.find(pid_of_number(viewer, number));
  }
  // As the target of a signal sees its sender: from outside of its namespace.
  bool is_outside(const Process& sender, const Process& target) const {
    return target.pids != nullptr && seen_by(target, sender.pid) == 0;
  }

 private:
  const PidNamespaces& spaces_;
  TaskTable& tasks_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_NAMESPACE_PID_VIEWS_H_
