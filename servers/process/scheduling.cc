// Scheduling as programs see it: who may have which policy, priority and nice
// value. What they come to is in schedule.h.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/schedule.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u32 kSchedResetOnFork = 0x4000'0000;

// RLIMIT_NICE counts from 1 for nice 19.
bool is_within_limit(const Task& task, i32 nice) {
  return static_cast<u64>(kMostNice + 1 - nice) <=
         task.process->limits[kLimitNice].soft;
}

}  // namespace

bool ProcessServer::may_have_nice(const Task& by, const Task& task,
                                  i32 nice) const {
  return nice >= task.inherited.nice || is_capable(by, Capability::kSysNice) ||
         is_within_limit(task, nice);
}

Outcome ProcessServer::sys_sched_yield(const Call& call) {
  Outcome outcome(call.token, make_tag(0, kReplyYield));
  outcome.message.words[0] = 0;
  return outcome;
}

Outcome ProcessServer::sys_sched_getaffinity(const Call& call) {
  const u64 bytes = call.uint_argument(1);
  if (bytes < sizeof(u64) || bytes % sizeof(u64) != 0) {
    return call.result(-EINVAL);
  }
  if (named(call.task, call.int_argument(0)) == nullptr) {
    return call.result(-ESRCH);
  }
  constexpr u64 kMask = 1;
  const i64 error = user_.write(*call.task.mm, call.argument(2), kMask);
  return call.result(error != 0 ? error : i64{sizeof(kMask)});
}

Outcome ProcessServer::sys_sched_setaffinity(const Call& call) {
  const u64 given = call.uint_argument(1);
  u64 mask = 0;
  if (user_.read(*call.task.mm, call.argument(2), &mask,
                 given < sizeof(mask) ? given : sizeof(mask)) != 0) {
    return call.result(-EFAULT);
  }
  const Task* task = named(call.task, call.int_argument(0));
  if (task == nullptr) return call.result(-ESRCH);
  const Credentials& own = call.task.credentials();
  if (!is_capable(call.task, Capability::kSysNice) &&
      own.euid != task->credentials().euid &&
      own.euid != task->credentials().uid) {
    return call.result(-EPERM);
  }
  return call.result((mask & 1) != 0 ? 0 : -EINVAL);
}

Outcome ProcessServer::sys_sched_getscheduler(const Call& call) {
  const i32 pid = call.int_argument(0);
  if (pid < 0) return call.result(-EINVAL);
  const Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  const Inherited& its = task->inherited;
  return call.result(
      its.policy | static_cast<i32>(its.reset_on_fork ? kSchedResetOnFork : 0));
}

// __sched_setscheduler(): who may have which policy and priority.
i64 ProcessServer::set_policy(const Task& by, Task& task, i32 policy,
                              i32 priority, bool reset_on_fork) {
  const Credentials& own = by.credentials();
  const Credentials& its = task.credentials();
  Inherited& now = task.inherited;
  if (!is_policy(policy)) return -EINVAL;
  if (is_real_time(policy) ? priority < 1 || priority > kMostRtPriority
                           : priority != 0) {
    return -EINVAL;
  }
  if (!is_capable(by, Capability::kSysNice)) {
    if (own.euid != its.euid && own.euid != its.uid) return -EPERM;
    const u64 most = task.process->limits[kLimitRtPriority].soft;
    if (is_real_time(policy) &&
        ((policy != now.policy && most == 0) ||
         (priority > now.rt_priority && static_cast<u64>(priority) > most))) {
      return -EPERM;
    }
    if (now.policy == kSchedIdle && policy != kSchedIdle &&
        !is_within_limit(task, now.nice)) {
      return -EPERM;
    }
    if (now.reset_on_fork && !reset_on_fork) return -EPERM;
  }
  now.policy = policy;
  now.rt_priority = priority;
  now.reset_on_fork = reset_on_fork;
  scheduler_.schedule(task);
  return 0;
}

Outcome ProcessServer::sys_sched_setscheduler(const Call& call) {
  const i32 pid = call.int_argument(0);
  const u32 policy = call.uint_argument(1);
  i32 priority;
  if (static_cast<i32>(policy) < 0 || call.argument(2) == 0 || pid < 0) {
    return call.result(-EINVAL);
  }
  if (user_.read(*call.task.mm, call.argument(2), priority) != 0) {
    return call.result(-EFAULT);
  }
  Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  return call.result(set_policy(call.task, *task,
                                static_cast<i32>(policy & ~kSchedResetOnFork),
                                priority, (policy & kSchedResetOnFork) != 0));
}

Outcome ProcessServer::sys_sched_getparam(const Call& call) {
  const i32 pid = call.int_argument(0);
  if (call.argument(1) == 0 || pid < 0) return call.result(-EINVAL);
  const Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  return call.result_with(call.argument(1), task->inherited.rt_priority);
}

Outcome ProcessServer::sys_sched_setparam(const Call& call) {
  const i32 pid = call.int_argument(0);
  i32 priority;
  if (call.argument(1) == 0 || pid < 0) return call.result(-EINVAL);
  if (user_.read(*call.task.mm, call.argument(1), priority) != 0) {
    return call.result(-EFAULT);
  }
  Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  return call.result(set_policy(call.task, *task, task->inherited.policy,
                                priority, task->inherited.reset_on_fork));
}

Outcome ProcessServer::sys_sched_rr_get_interval(const Call& call) {
  const i32 pid = call.int_argument(0);
  if (pid < 0) return call.result(-EINVAL);
  const Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  return call.result_with(call.argument(1),
                          to_timespec(turn_of(task->inherited).slice_ns));
}

Outcome ProcessServer::sys_sched_get_priority_max(const Call& call) {
  const i32 policy = call.int_argument(0);
  if (is_real_time(policy)) return call.result(kMostRtPriority);
  return call.result(is_policy(policy) || policy == kSchedDeadline ? 0
                                                                   : -EINVAL);
}

Outcome ProcessServer::sys_sched_get_priority_min(const Call& call) {
  const i32 policy = call.int_argument(0);
  if (is_real_time(policy)) return call.result(1);
  return call.result(is_policy(policy) || policy == kSchedDeadline ? 0
                                                                   : -EINVAL);
}

Outcome ProcessServer::sys_getcpu(const Call& call) {
  for (unsigned i = 0; i < 2; ++i) {
    if (call.argument(i) != 0 &&
        user_.write(*call.task.mm, call.argument(i), u32{0}) != 0) {
      return call.result(-EFAULT);
    }
  }
  return call.result(0);
}

template <typename F>
void ProcessServer::for_each_priority_target(const Task& task, i32 which,
                                             i32 who, F f) {
  const Pid group =
      who == 0 ? task.process->group : pids_.pid_of_number(task, who);
  const u32 user = who == 0 ? task.credentials().uid : static_cast<u32>(who);
  const Pid pid = who == 0 ? task.tid : pids_.pid_of_number(task, who);
  for (Task& other : tasks_) {
    if (other.state != TaskState::kLive && other.state != TaskState::kZombie) {
      continue;
    }
    if ((which == kPriorityProcess && other.tid == pid) ||
        (which == kPriorityGroup && other.process->group == group) ||
        (which == kPriorityUser && other.credentials().uid == user &&
         pids_.seen_by(task, other.tid) != 0)) {
      f(other);
    }
  }
}

// The call's result is 20 - nice, as a negative one would be an error.
Outcome ProcessServer::sys_getpriority(const Call& call) {
  const i32 which = call.int_argument(0);
  if (which < kPriorityProcess || which > kPriorityUser) {
    return call.result(-EINVAL);
  }
  i64 best = -ESRCH;
  for_each_priority_target(call.task, which, call.int_argument(1),
                           [&](const Task& task) {
                             const i64 value = 20 - task.inherited.nice;
                             if (value > best) best = value;
                           });
  return call.result(best);
}

Outcome ProcessServer::sys_setpriority(const Call& call) {
  const i32 which = call.int_argument(0);
  if (which < kPriorityProcess || which > kPriorityUser) {
    return call.result(-EINVAL);
  }
  i32 nice = call.int_argument(2);
  if (nice < kLeastNice) nice = kLeastNice;
  if (nice > kMostNice) nice = kMostNice;
  const Credentials& own = call.task.credentials();
  const bool is_able = is_capable(call.task, Capability::kSysNice);
  i64 error = -ESRCH;
  for_each_priority_target(
      call.task, which, call.int_argument(1), [&](Task& task) {
        const Credentials& its = task.credentials();
        if (!is_able && own.euid != its.euid && own.euid != its.uid) {
          error = -EPERM;
        } else if (!may_have_nice(call.task, task, nice)) {
          error = -EACCES;
        } else {
          if (error == -ESRCH) error = 0;
          task.inherited.nice = nice;
          scheduler_.schedule(task);
        }
      });
  return call.result(error);
}

}  // namespace tine::process
