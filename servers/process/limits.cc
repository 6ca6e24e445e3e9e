// Resource limits and usage. NPROC and STACK act here; NOFILE, AS, DATA and
// FSIZE are the concern of the servers below.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

i64 ProcessServer::change_limit(Task& task, u32 resource, const Rlimit& limit,
                                const Task& by) {
  Rlimit& current = task.inherited.limits[resource];
  if (limit.soft > limit.hard) return -EINVAL;
  if (resource == kLimitFiles && limit.hard > kMostFiles) return -EPERM;
  if (limit.hard > current.hard && !by.credentials().is_root()) return -EPERM;
  current = limit;
  return 0;
}

Outcome ProcessServer::sys_prlimit64(const Call& call) {
  const u32 resource = call.uint_argument(1);
  const u64 from = call.argument(2);
  const u64 to = call.argument(3);
  Rlimit wanted;
  if (resource >= kLimits) return call.result(-EINVAL);
  if (from != 0 && read_user(*call.task.mm, from, wanted) != 0) {
    return call.result(-EFAULT);
  }
  Task* task = named(call.task, call.int_argument(0));
  if (task == nullptr) return call.result(-ESRCH);
  const Credentials& own = call.task.credentials();
  const Credentials& its = task->credentials();
  const bool same_user = own.uid == its.uid && own.uid == its.euid &&
                         own.uid == its.suid && own.gid == its.gid &&
                         own.gid == its.egid && own.gid == its.sgid;
  if (task != &call.task && !same_user && !own.is_root()) {
    return call.result(-EPERM);
  }
  const Rlimit old = task->inherited.limits[resource];
  if (from != 0) {
    const i64 error = change_limit(*task, resource, wanted, call.task);
    if (error != 0) return call.result(error);
  }
  return call.result(to == 0 ? 0 : write_user(*call.task.mm, to, old));
}

Outcome ProcessServer::sys_getrlimit(const Call& call) {
  const u32 resource = call.uint_argument(0);
  if (resource >= kLimits) return call.result(-EINVAL);
  return call.result(write_user(*call.task.mm, call.argument(1),
                                call.task.inherited.limits[resource]));
}

Outcome ProcessServer::sys_setrlimit(const Call& call) {
  const u32 resource = call.uint_argument(0);
  Rlimit wanted;
  if (read_user(*call.task.mm, call.argument(1), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (resource >= kLimits) return call.result(-EINVAL);
  return call.result(change_limit(call.task, resource, wanted, call.task));
}

Outcome ProcessServer::sys_getrusage(const Call& call) {
  const i32 who = call.int_argument(0);
  if (who != kRusageSelf && who != kRusageChildren && who != kRusageThread) {
    return call.result(-EINVAL);
  }
  Rusage usage{};
  if (who != kRusageChildren) {
    const sys::Message stat = sys::call(
        kCallMemory, sys::make_message(MemoryLabel::kMmStat, call.task.mm->id));
    if (sys::result_of(stat, -EIO) == 0) {
      usage.max_rss = static_cast<i64>(stat.words[2] * (kPageSize / 1024));
      usage.minor_faults = static_cast<i64>(stat.words[3]);
    }
  }
  return call.result(write_user(*call.task.mm, call.argument(1), usage));
}

Outcome ProcessServer::sys_times(const Call& call) {
  if (call.argument(0) != 0 &&
      write_user(*call.task.mm, call.argument(0), Tms{}) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(static_cast<i64>(sys::clock_ns() /
                                      (u64{kNsPerSecond} / u64{kClockTicks})));
}

}  // namespace tine::process
