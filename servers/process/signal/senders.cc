// Who may send what to whom, and what is said of the sender.
#include "servers/linux_abi/errno.h"
#include "servers/process/signal/signals.h"

namespace tine::process {

using namespace linux_abi;

SigInfo Signals::info_from(const Task& sender, i32 signal, i32 code) const {
  return {.signal = signal,
          .code = code,
          .pid = pids_.own_pid(sender),
          .uid = static_cast<i32>(sender.credentials().uid)};
}

SigInfo Signals::info_about(const Task& task, const Process& to, i32 signal,
                            i32 code) const {
  SigInfo info = info_from(task, signal, code);
  info.pid = pids_.seen_by(to, pid_of(task));
  return info;
}

// kill_ok_by_cred(), and SIGCONT within the session.
bool Signals::may_signal(const Task& sender, const Task& target,
                         i32 signal) const {
  if (sender.process == target.process) return true;
  const Credentials& from = sender.credentials();
  const Credentials& to = target.credentials();
  return is_capable(sender, Capability::kKill) || from.euid == to.suid ||
         from.euid == to.uid || from.uid == to.suid || from.uid == to.uid ||
         (signal == kSigCont &&
          sender.process->session == target.process->session);
}

// As of a process: one that the target does not see, being outside of its
// namespace, has no number for it, and its SIGKILL and SIGSTOP reach process 1.
i64 Signals::send_from(const Task& sender, Process& target, Task* only,
                       const SigInfo& info) {
  if (target.pids == nullptr || !pids_.is_outside(*sender.process, target)) {
    return send(target, only, info);
  }
  SigInfo nameless = info;
  nameless.pid = 0;
  return send(target, only, nameless, true);
}

i64 Signals::kill_one(const Task& sender, Process& target,
                      const SigInfo& info) {
  if (info.signal < 0 || info.signal > kSignals) return -EINVAL;
  if (!may_signal(sender, *target.leader, info.signal)) return -EPERM;
  return send_from(sender, target, nullptr, info);
}

i64 Signals::kill_thread(const Task& sender, Task* target,
                         const SigInfo& info) {
  if (target == nullptr) return -ESRCH;
  if (info.signal < 0 || info.signal > kSignals) return -EINVAL;
  if (!may_signal(sender, *target, info.signal)) return -EPERM;
  return send_from(sender, *target->process, target, info);
}

// All of a group. As in Linux it is enough to reach one.
i64 Signals::kill_group(const Task& sender, Pid group, const SigInfo& info) {
  i64 error = -ESRCH;
  bool sent = false;
  tasks_.for_each_member(group, [&](Process& process) {
    const i64 one = kill_one(sender, process, info);
    if (one == 0) sent = true;
    error = one;
  });
  return sent ? 0 : error;
}

// All that the sender sees, but process 1 and its own.
i64 Signals::kill_all(const Task& sender, const SigInfo& info) {
  i64 error = 0;
  u32 count = 0;
  tasks_.for_each_process([&](Process& process) {
    if (pids_.seen_by(sender, process.pid) <= 1 || &process == sender.process) {
      return;
    }
    const i64 one = kill_one(sender, process, info);
    ++count;
    if (one != -EPERM) error = one;
  });
  return count != 0 ? error : -ESRCH;
}

}  // namespace tine::process
