// Process groups and sessions.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Task* ProcessServer::named(Task& caller, i32 pid) {
  return pid == 0 ? &caller : pids_.find(caller, pid);
}

Outcome ProcessServer::sys_getpgrp(const Call& call) {
  return call.result(pids_.seen_by(call.task, call.task.process->group));
}

Outcome ProcessServer::sys_getpgid(const Call& call) {
  const Task* task = named(call.task, call.int_argument(0));
  return call.result(task != nullptr
                         ? pids_.seen_by(call.task, task->process->group)
                         : -ESRCH);
}

Outcome ProcessServer::sys_getsid(const Call& call) {
  const Task* task = named(call.task, call.int_argument(0));
  return call.result(task != nullptr
                         ? pids_.seen_by(call.task, task->process->session)
                         : -ESRCH);
}

bool ProcessServer::is_group(Pid group, const Pid* session) const {
  for (const Task& task : tasks_) {
    if (task.state == TaskState::kFree || task.state == TaskState::kEmbryo ||
        !task.is_leader() || task.process->group != group) {
      continue;
    }
    if (session == nullptr || task.process->session == *session) return true;
  }
  return false;
}

Outcome ProcessServer::sys_setpgid(const Call& call) {
  Process& caller = *call.task.process;
  const i32 pid = call.int_argument(0);
  const i32 wanted = call.int_argument(1);
  if (wanted < 0 || (wanted == 0 && pid < 0)) return call.result(-EINVAL);
  Task* task =
      tasks_.find(pid == 0 ? caller.pid : pids_.pid_of_number(call.task, pid));
  if (task == nullptr) return call.result(-ESRCH);
  if (!task->is_leader()) return call.result(-EINVAL);
  Process& process = *task->process;
  if (process.parent == &caller) {
    if (process.session != caller.session) return call.result(-EPERM);
    if (process.has_execed) return call.result(-EACCES);
  } else if (&process != &caller) {
    return call.result(-ESRCH);
  }
  if (process.session == process.pid) return call.result(-EPERM);  // its leader
  const Pid group =
      wanted == 0 ? process.pid : pids_.pid_of_number(call.task, wanted);
  const Pid session = process.session;
  if (group != process.pid && !is_group(group, &session)) {
    return call.result(-EPERM);
  }
  tasks_.move(process, group, session);
  look_at_emptied();
  board_.show_place(process);
  return call.result(0);
}

Outcome ProcessServer::sys_setsid(const Call& call) {
  Process& caller = *call.task.process;
  if (is_group(caller.pid, nullptr)) return call.result(-EPERM);
  tasks_.move(caller, caller.pid, caller.pid);
  look_at_emptied();
  board_.show_place(caller);
  return call.result(pids_.own_pid(call.task));
}

}  // namespace tine::process
