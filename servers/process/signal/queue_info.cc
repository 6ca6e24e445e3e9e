// rt_sigqueueinfo and rt_tgsigqueueinfo: signals with what the sender says.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// What kill and the kernel say of the sender, none may say to others.
i64 ProcessServer::read_info(const Call& call, u64 from, i32 signal,
                             bool to_self, SigInfo& info) {
  if (user_.read(*call.task.mm, from, info) != 0) return -EFAULT;
  if ((info.code >= 0 || info.code == kSiTkill) && !to_self) return -EPERM;
  info.signal = signal;
  return 0;
}

Outcome ProcessServer::sys_rt_sigqueueinfo(const Call& call) {
  const i32 pid = call.int_argument(0);
  const i32 signal = call.int_argument(1);
  SigInfo info;
  const i64 error = read_info(call, call.argument(2), signal,
                              pid == pids_.own_pid(call.task), info);
  if (error != 0) return call.result(error);
  Task* target = pids_.find(call.task, pid);
  return call.result(
      target == nullptr ? -ESRCH
                        : signals_.kill_one(call.task, *target->process, info));
}

Outcome ProcessServer::sys_rt_tgsigqueueinfo(const Call& call) {
  const i32 pid = call.int_argument(0);
  const i32 tid = call.int_argument(1);
  SigInfo info;
  const i64 error = read_info(call, call.argument(3), call.int_argument(2),
                              tid == pids_.own_tid(call.task), info);
  if (error == -EFAULT) return call.result(error);
  if (pid <= 0 || tid <= 0) return call.result(-EINVAL);
  if (error != 0) return call.result(error);
  Task* target = pids_.find(call.task, tid);
  if (target != nullptr &&
      pid_of(*target) != pids_.pid_of_number(call.task, pid)) {
    target = nullptr;
  }
  return call.result(signals_.kill_thread(call.task, target, info));
}

}  // namespace tine::process
