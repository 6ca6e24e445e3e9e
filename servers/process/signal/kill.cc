// kill, tkill, tgkill.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_kill(const Call& call) {
  const i32 pid = call.int_argument(0);
  const SigInfo info =
      signals_.info_from(call.task, call.int_argument(1), kSiUser);
  if (pid > 0) {
    // As in Linux, the number of any thread stands for its process.
    Task* target = pids_.find(call.task, pid);
    return call.result(
        target == nullptr
            ? -ESRCH
            : signals_.kill_one(call.task, *target->process, info));
  }
  if (pid == INT32_MIN) return call.result(-ESRCH);
  if (pid == -1) return call.result(signals_.kill_all(call.task, info));
  const Pid group = pid == 0 ? call.task.process->group
                             : pids_.pid_of_number(call.task, -pid);
  return call.result(signals_.kill_group(call.task, group, info));
}

Outcome ProcessServer::sys_tkill(const Call& call) {
  const i32 tid = call.int_argument(0);
  if (tid <= 0) return call.result(-EINVAL);
  return call.result(signals_.kill_thread(
      call.task, pids_.find(call.task, tid),
      signals_.info_from(call.task, call.int_argument(1), kSiTkill)));
}

Outcome ProcessServer::sys_tgkill(const Call& call) {
  const i32 process = call.int_argument(0);
  const i32 tid = call.int_argument(1);
  if (process <= 0 || tid <= 0) return call.result(-EINVAL);
  Task* target = pids_.find(call.task, tid);
  if (target != nullptr &&
      pid_of(*target) != pids_.pid_of_number(call.task, process)) {
    target = nullptr;
  }
  return call.result(signals_.kill_thread(
      call.task, target,
      signals_.info_from(call.task, call.int_argument(2), kSiTkill)));
}

}  // namespace tine::process
