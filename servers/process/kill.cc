// kill, tkill, tgkill: who may send what to whom.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// kill_ok_by_cred(), and SIGCONT within the session.
bool ProcessServer::may_signal(const Task& sender, const Task& target,
                               i32 signal) const {
  if (sender.process == target.process) return true;
  const Credentials& from = sender.credentials();
  const Credentials& to = target.credentials();
  return from.is_root() || from.euid == to.suid || from.euid == to.uid ||
         from.uid == to.suid || from.uid == to.uid ||
         (signal == kSigCont &&
          sender.process->session == target.process->session);
}

// `target` stands for its process.
i64 ProcessServer::kill_one(const Task& sender, Task& target, i32 signal) {
  if (signal < 0 || signal > kSignals) return -EINVAL;
  if (!may_signal(sender, target, signal)) return -EPERM;
  send_signal(*target.process, signal);
  return 0;
}

// A group (`which` > 0), or for 0 all but process 1 and the sender's.
i64 ProcessServer::kill_many(const Task& sender, i32 which, i32 signal) {
  bool found = false;
  bool sent = false;
  i64 error = -ESRCH;
  for (Task& task : tasks_) {
    if ((task.state != TaskState::kLive && task.state != TaskState::kZombie) ||
        !task.is_leader()) {
      continue;
    }
    const Process& process = *task.process;
    if (which > 0 ? process.group.value != which
                  : process.is_init() || &process == sender.process) {
      continue;
    }
    found = true;
    const i64 one = kill_one(sender, task, signal);
    if (one == 0) sent = true;
    if (which > 0 || one != -EPERM) error = one;
  }
  if (sent) return 0;
  return found && which == 0 && error == -ESRCH ? 0 : error;
}

i64 ProcessServer::kill_thread(const Task& sender, Task* target, i32 signal) {
  if (target == nullptr) return -ESRCH;
  if (signal < 0 || signal > kSignals) return -EINVAL;
  if (!may_signal(sender, *target, signal)) return -EPERM;
  send_signal(*target, signal);
  return 0;
}

Outcome ProcessServer::sys_kill(const Call& call) {
  const i32 pid = call.int_argument(0);
  const i32 signal = call.int_argument(1);
  if (pid > 0) {
    // As in Linux, the number of any thread stands for its process.
    Task* target = tasks_.find(Pid{pid});
    return call.result(
        target == nullptr ? -ESRCH : kill_one(call.task, *target, signal));
  }
  if (pid == INT32_MIN) return call.result(-ESRCH);
  if (pid == -1) return call.result(kill_many(call.task, 0, signal));
  const i32 group = pid == 0 ? call.task.process->group.value : -pid;
  return call.result(kill_many(call.task, group, signal));
}

Outcome ProcessServer::sys_tkill(const Call& call) {
  const i32 tid = call.int_argument(0);
  if (tid <= 0) return call.result(-EINVAL);
  return call.result(
      kill_thread(call.task, tasks_.find(Pid{tid}), call.int_argument(1)));
}

Outcome ProcessServer::sys_tgkill(const Call& call) {
  const i32 process = call.int_argument(0);
  const i32 tid = call.int_argument(1);
  if (process <= 0 || tid <= 0) return call.result(-EINVAL);
  Task* target = tasks_.find(Pid{tid});
  if (target != nullptr && pid_of(*target).value != process) target = nullptr;
  return call.result(kill_thread(call.task, target, call.int_argument(2)));
}

}  // namespace tine::process
