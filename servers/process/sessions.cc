// Process groups and sessions.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Task* ProcessServer::named(Task& caller, i32 pid) {
  return pid == 0 ? &caller : tasks_.find(Pid{pid});
}

Outcome ProcessServer::sys_getpgrp(const Call& call) {
  return call.result(call.task.group.value);
}

Outcome ProcessServer::sys_getpgid(const Call& call) {
  const Task* task = named(call.task, call.int_argument(0));
  return call.result(task != nullptr ? task->group.value : -ESRCH);
}

Outcome ProcessServer::sys_getsid(const Call& call) {
  const Task* task = named(call.task, call.int_argument(0));
  return call.result(task != nullptr ? task->session.value : -ESRCH);
}

Outcome ProcessServer::sys_setpgid(const Call& call) {
  Task& caller = call.task;
  const i32 pid = call.int_argument(0);
  Task* task = named(caller, pid);
  const i32 wanted = call.int_argument(1) == 0 ? pid : call.int_argument(1);
  if (wanted < 0) return call.result(-EINVAL);
  if (task == nullptr) return call.result(-ESRCH);
  if (task->parent == &caller) {
    if (task->session != caller.session) return call.result(-EPERM);
    if (task->has_execed) return call.result(-EACCES);
  } else if (task != &caller) {
    return call.result(-ESRCH);
  }
  if (task->session == task->pid) return call.result(-EPERM);  // its leader
  const Pid group = wanted == 0 ? task->pid : Pid{wanted};
  if (group != task->pid) {
    bool exists = false;
    for (const Task& other : tasks_) {
      if ((other.state == TaskState::kLive ||
           other.state == TaskState::kZombie) &&
          other.group == group && other.session == caller.session) {
        exists = true;
        break;
      }
    }
    if (!exists) return call.result(-EPERM);
  }
  const Pid session = task->session;
  tasks_.leave(*task);
  tasks_.join(*task, group, session);
  return call.result(0);
}

Outcome ProcessServer::sys_setsid(const Call& call) {
  Task& caller = call.task;
  for (const Task& other : tasks_) {
    if ((other.state == TaskState::kLive ||
         other.state == TaskState::kZombie) &&
        other.group == caller.pid) {
      return call.result(-EPERM);
    }
  }
  tasks_.leave(caller);
  tasks_.join(caller, caller.pid, caller.pid);
  return call.result(caller.pid.value);
}

}  // namespace tine::process
