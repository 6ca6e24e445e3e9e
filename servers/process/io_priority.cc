// ioprio_get, ioprio_set. Nothing here waits for a disk: priorities are kept,
// inherited, and shared.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/schedule.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// get_task_ioprio(): who has none has what its nice value says.
i64 io_priority_of(const IoContexts& contexts, const Task& task) {
  const Inherited& its = task.inherited;
  const u16 own = contexts.priority_of(its.io);
  if (own >> kIoClassShift != kIoNone) return own;
  const u32 io_class = is_real_time(its.policy)   ? kIoRealTime
                       : its.policy == kSchedIdle ? kIoIdle
                                                  : kIoBestEffort;
  return io_class << kIoClassShift |
         static_cast<u32>(its.nice - kLeastNice) / 5;
}

i64 set_io_priority(IoContexts& contexts, const Task& by, Task& task,
                    u32 priority) {
  const u32 owner = task.credentials().uid;
  if (owner != by.credentials().euid && owner != by.credentials().uid &&
      !is_capable(by, Capability::kSysNice)) {
    return -EPERM;
  }
  contexts.set_priority(task.inherited.io, static_cast<u16>(priority));
  return 0;
}

// `f` for each thread that is meant, until one does not answer 0. -ESRCH: there
// is none.
template <typename F>
i64 for_each_target(TaskTable& tasks, const PidViews& pids, const Call& call,
                    F f) {
  const Task& caller = call.task;
  const i32 which = call.int_argument(0);
  const i32 who = call.int_argument(1);
  i64 result = -ESRCH;
  const Pid pid = who == 0 ? caller.tid : pids.pid_of_number(caller, who);
  const Pid group =
      who == 0 ? caller.process->group : pids.pid_of_number(caller, who);
  const u32 user = who == 0 ? caller.credentials().uid : static_cast<u32>(who);
  for (Task& task : tasks) {
    if (task.state != TaskState::kLive || pids.seen_by(caller, task.tid) == 0) {
      continue;
    }
    const bool is_meant = which == kIoProcess ? task.tid == pid
                          : which == kIoGroup ? task.process->group == group
                                              : task.credentials().uid == user;
    if (!is_meant) continue;
    result = f(task);
    if (result != 0) break;
  }
  return result;
}

}  // namespace

Outcome ProcessServer::sys_ioprio_set(const Call& call) {
  const i32 which = call.int_argument(0);
  const u32 priority = call.uint_argument(2);
  const u32 io_class = priority >> kIoClassShift;
  const u32 level = priority & ((1u << kIoClassShift) - 1);
  // ioprio_check_cap()
  if (io_class == kIoRealTime && !is_capable(call.task, Capability::kSysNice) &&
      !is_capable(call.task, Capability::kSysAdmin)) {
    return call.result(-EPERM);
  }
  if (io_class > kIoIdle || (io_class == kIoNone && level != 0) ||
      (io_class != kIoIdle && level >= kIoLevels) || which < kIoProcess ||
      which > kIoUser) {
    return call.result(-EINVAL);
  }
  return call.result(for_each_target(tasks_, pids_, call, [&](Task& task) {
    return set_io_priority(io_contexts_, call.task, task, priority);
  }));
}

Outcome ProcessServer::sys_ioprio_get(const Call& call) {
  const i32 which = call.int_argument(0);
  if (which < kIoProcess || which > kIoUser) return call.result(-EINVAL);
  i64 best = 0;
  const i64 error = for_each_target(tasks_, pids_, call, [&](const Task& task) {
    // Of one thread what it was given, of more the best of what it means.
    const i64 its = which == kIoProcess
                        ? io_contexts_.priority_of(task.inherited.io)
                        : io_priority_of(io_contexts_, task);
    if (best == 0 || its < best) best = its;
    return i64{0};
  });
  return call.result(error != 0 ? error : best);
}

}  // namespace tine::process
