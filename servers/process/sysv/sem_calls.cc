// semget, semop, semtimedop, semctl.
#include "servers/linux_abi/arch/semaphore_status.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;
using sysv::SemaphoreSet;

Outcome ProcessServer::sys_semget(const Call& call) {
  const sysv::GetRequest request{call.task, call.int_argument(0),
                                 call.uint_argument(2)};
  return call.result(
      semaphores_.get(request, call.int_argument(1), now_seconds()));
}

Outcome ProcessServer::operate_semaphores(const Call& call, u64 timeout_at) {
  Task& task = call.task;
  const u64 count = call.uint_argument(2);
  Timespec timeout{};
  if (timeout_at != 0 && user_.read(*task.mm, timeout_at, timeout) != 0) {
    return call.result(-EFAULT);
  }
  if (count > kMostSemaphoreOperations) return call.result(-E2BIG);
  if (count == 0 || call.int_argument(0) < 0) return call.result(-EINVAL);
  SemaphoreOperation operations[kMostSemaphoreOperations];
  if (user_.read(*task.mm, call.argument(1), operations,
                 count * sizeof(SemaphoreOperation)) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(timeout)) return call.result(-EINVAL);
  const i64 result = semaphores_.operate({.task = task,
                                          .id = call.int_argument(0),
                                          .operations = operations,
                                          .count = static_cast<u32>(count),
                                          .now = now_seconds()});
  if (result != sysv::Semaphores::kWaits) return call.result(result);
  if (timeout_at != 0)
    waiting_.set_timeout(task, sys::clock_ns() + to_ns(timeout));
  return waiting_.withhold(call, Wait::kSemaphore);
}

Outcome ProcessServer::sys_semop(const Call& call) {
  return operate_semaphores(call, 0);
}

Outcome ProcessServer::sys_semtimedop(const Call& call) {
  return operate_semaphores(call, call.argument(3));
}

i64 ProcessServer::tell_of_semaphores(const Call& call, i32 command) {
  SemaphoreLimits limits{.map = kMostSemaphores,
                         .most_sets = kMostSets,
                         .most_semaphores = kMostSemaphores,
                         .most_undos = kMostSemaphores,
                         .most_in_set = kMostInSet,
                         .most_operations = kMostSemaphoreOperations,
                         .most_undo_entries = kMostSemaphoreOperations,
                         .undo_bytes = 20,
                         .most_value = kMostSemaphoreValue,
                         .most_adjustment = kMostSemaphoreValue};
  if (command == kSemInfo) {
    limits.undo_bytes = static_cast<i32>(semaphores_.sets().count());
    limits.most_adjustment = static_cast<i32>(semaphores_.used());
  }
  const i64 error = user_.write(*call.task.mm, call.argument(3), limits);
  return error == 0 ? semaphores_.sets().highest() : error;
}

i64 ProcessServer::tell_semaphore_set(const Call& call, i32 command) {
  const i32 id = call.int_argument(0);
  const SemaphoreSet* set = command == kIpcStat
                                ? semaphores_.find(id)
                                : semaphores_.sets().at(static_cast<u32>(id));
  if (set == nullptr) return -EINVAL;
  if (command != kSemStatAny && !may_use(call.task, *set, 0444)) {
    return -EACCES;
  }
  SemaphoreStatus status{};
  status.permissions = permissions_of(*set);
  status.operated = static_cast<i64>(set->operated);
  status.changed = static_cast<i64>(set->changed);
  status.count = set->count;
  const i64 error = user_.write(*call.task.mm, call.argument(3), status);
  if (error != 0) return error;
  return command == kIpcStat ? 0 : set->id();
}

i64 ProcessServer::change_semaphore_set(const Call& call, i32 command) {
  SemaphoreStatus wanted{};
  if (command == kIpcSet &&
      user_.read(*call.task.mm, call.argument(3), wanted) != 0) {
    return -EFAULT;
  }
  SemaphoreSet* set = semaphores_.find(call.int_argument(0));
  if (set == nullptr) return -EINVAL;
  if (!may_change(call.task, *set)) return -EPERM;
  if (command == kIpcRemove) {
    semaphores_.remove(*set);
    return 0;
  }
  const i64 error = set_permissions(*set, wanted.permissions);
  if (error == 0) set->changed = now_seconds();
  return error;
}

// GETALL and SETALL: as many values at once as fit here.
i64 ProcessServer::copy_semaphore_values(const Call& call, SemaphoreSet& set,
                                         bool sets) {
  constexpr u32 kAtOnce = 512;
  u16 values[kAtOnce];
  const i32 pid = pid_of(call.task).value;
  // All values are looked at before one is set.
  for (const bool acts : {false, true}) {
    if (acts && !sets) break;
    for (u32 done = 0; done < set.count;) {
      const u32 left = set.count - done;
      const u32 count = left < kAtOnce ? left : kAtOnce;
      const u64 at = call.argument(3) + done * sizeof(u16);
      if (!sets) {
        for (u32 i = 0; i < count; ++i) {
          values[i] = static_cast<u16>(set.semaphores[done + i].value);
        }
        const i64 error =
            user_.write(*call.task.mm, at, values, count * sizeof(u16));
        if (error != 0) return error;
      } else if (user_.read(*call.task.mm, at, values, count * sizeof(u16)) !=
                 0) {
        return -EFAULT;
      }
      for (u32 i = 0; sets && i < count; ++i) {
        if (values[i] > kMostSemaphoreValue) return -ERANGE;
        if (acts) semaphores_.set_value(set, done + i, values[i], pid);
      }
      done += count;
    }
  }
  if (!sets) return 0;
  set.changed = now_seconds();
  semaphores_.update(set, set.changed);
  return 0;
}

i64 ProcessServer::use_semaphore(const Call& call, i32 command) {
  const i32 value = call.int_argument(3);
  const u32 number = call.uint_argument(1);
  if (command == kSemSetValue && (value < 0 || value > kMostSemaphoreValue)) {
    return -ERANGE;
  }
  SemaphoreSet* set = semaphores_.find(call.int_argument(0));
  if (set == nullptr) return -EINVAL;
  if (command == kSemSetValue && number >= set->count) return -EINVAL;
  const bool sets = command == kSemSetValue || command == kSemSetAll;
  if (!may_use(call.task, *set, sets ? 0222 : 0444)) {
    return -EACCES;
  }
  if (command == kSemGetAll || command == kSemSetAll) {
    return copy_semaphore_values(call, *set, sets);
  }
  if (number >= set->count) return -EINVAL;
  switch (command) {
    case kSemSetValue:
      semaphores_.set_value(*set, number, value, pid_of(call.task).value);
      set->changed = now_seconds();
      semaphores_.update(*set, set->changed);
      return 0;
    case kSemGetValue:
      return set->semaphores[number].value;
    case kSemGetPid:
      return pids_.seen_by(call.task, Pid{set->semaphores[number].pid});
    default:
      return sysv::Semaphores::waiting(*set, number,
                                       command == kSemGetZeroWaiting);
  }
}

Outcome ProcessServer::sys_semctl(const Call& call) {
  const i32 command = call.int_argument(2);
  if (call.int_argument(0) < 0) return call.result(-EINVAL);
  switch (command) {
    case kIpcInfo:
    case kSemInfo:
      return call.result(tell_of_semaphores(call, command));
    case kIpcStat:
    case kSemStat:
    case kSemStatAny:
      return call.result(tell_semaphore_set(call, command));
    case kIpcSet:
    case kIpcRemove:
      return call.result(change_semaphore_set(call, command));
    case kSemGetAll:
    case kSemSetAll:
    case kSemGetValue:
    case kSemSetValue:
    case kSemGetPid:
    case kSemGetWaiting:
    case kSemGetZeroWaiting:
      return call.result(use_semaphore(call, command));
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
