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
  return may(sender, Capability::kKill) || from.euid == to.suid ||
         from.euid == to.uid || from.uid == to.suid || from.uid == to.uid ||
         (signal == kSigCont &&
          sender.process->session == target.process->session);
}

i64 ProcessServer::kill_one(const Task& sender, Process& target,
                            const SigInfo& info) {
  if (info.signal < 0 || info.signal > kSignals) return -EINVAL;
  if (!may_signal(sender, *target.leader, info.signal)) return -EPERM;
  return send_from(sender, target, nullptr, info);
}

i64 ProcessServer::kill_thread(const Task& sender, Task* target,
                               const SigInfo& info) {
  if (target == nullptr) return -ESRCH;
  if (info.signal < 0 || info.signal > kSignals) return -EINVAL;
  if (!may_signal(sender, *target, info.signal)) return -EPERM;
  return send_from(sender, *target->process, target, info);
}

// All of a group. As in Linux it is enough to reach one.
i64 ProcessServer::kill_group(const Task& sender, Pid group,
                              const SigInfo& info) {
  i64 error = -ESRCH;
  bool sent = false;
  for_each_member(group, [&](Process& process) {
    const i64 one = kill_one(sender, process, info);
    if (one == 0) sent = true;
    error = one;
  });
  return sent ? 0 : error;
}

// All that the sender sees, but process 1 and its own.
i64 ProcessServer::kill_all(const Task& sender, const SigInfo& info) {
  i64 error = 0;
  u32 count = 0;
  for_each_process([&](Process& process) {
    if (seen_by(sender, process.pid) <= 1 || &process == sender.process) {
      return;
    }
    const i64 one = kill_one(sender, process, info);
    ++count;
    if (one != -EPERM) error = one;
  });
  return count != 0 ? error : -ESRCH;
}

Outcome ProcessServer::sys_kill(const Call& call) {
  const i32 pid = call.int_argument(0);
  const SigInfo info = info_from(call.task, call.int_argument(1), kSiUser);
  if (pid > 0) {
    // As in Linux, the number of any thread stands for its process.
    Task* target = find(call.task, pid);
    return call.result(target == nullptr
                           ? -ESRCH
                           : kill_one(call.task, *target->process, info));
  }
  if (pid == INT32_MIN) return call.result(-ESRCH);
  if (pid == -1) return call.result(kill_all(call.task, info));
  const Pid group =
      pid == 0 ? call.task.process->group : pid_of_number(call.task, -pid);
  return call.result(kill_group(call.task, group, info));
}

Outcome ProcessServer::sys_tkill(const Call& call) {
  const i32 tid = call.int_argument(0);
  if (tid <= 0) return call.result(-EINVAL);
  return call.result(
      kill_thread(call.task, find(call.task, tid),
                  info_from(call.task, call.int_argument(1), kSiTkill)));
}

Outcome ProcessServer::sys_tgkill(const Call& call) {
  const i32 process = call.int_argument(0);
  const i32 tid = call.int_argument(1);
  if (process <= 0 || tid <= 0) return call.result(-EINVAL);
  Task* target = find(call.task, tid);
  if (target != nullptr &&
      pid_of(*target) != pid_of_number(call.task, process)) {
    target = nullptr;
  }
  return call.result(kill_thread(
      call.task, target, info_from(call.task, call.int_argument(2), kSiTkill)));
}

}  // namespace tine::process
