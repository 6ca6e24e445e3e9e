// Resource limits and usage. NPROC and STACK act here; the servers below are
// told of NOFILE, AS and DATA.
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
  tell_limit(task, resource);
  return 0;
}

// Whoever acts on it learns of it before the program's next call.
void ProcessServer::tell_limit(const Task& task, u32 resource) {
  sys::Batch batch;
  if (resource == kLimitFiles) {
    files_.require(1);
    files_.write(RingOp::kFilesLimit, task.cookie(),
                 task.inherited.limits[kLimitFiles].soft);
    files_.publish(batch);
  } else if ((resource == kLimitAddressSpace || resource == kLimitData) &&
             task.mm != nullptr) {
    memory_.require(1);
    write_mm_limits(task, *task.mm);
    memory_.publish(batch);
  } else {
    return;
  }
  if (batch.run().status != Status::kOk) {
    sys::fail("process: the kernel refused a record");
  }
}

void ProcessServer::write_mm_limits(const Task& task, const Mm& mm) {
  memory_.write(RingOp::kMmLimits, mm.id,
                task.inherited.limits[kLimitAddressSpace].soft, 0,
                task.inherited.limits[kLimitData].soft);
}

// What the task has used of memory so far, with the programs before this one.
void ProcessServer::measure(Task& task) {
  if (task.mm == nullptr) return;
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, task.mm->space);
  if (batch.run().status != Status::kOk) return;
  if (stat.a > task.usage.most_pages) task.usage.most_pages = stat.a;
  task.usage.faults = task.past_faults + stat.b;
}

void ProcessServer::write_usage(const MemoryUsage& usage, Rusage& to) const {
  to.max_rss = static_cast<i64>(usage.most_pages * (kPageSize / 1024));
  to.minor_faults = static_cast<i64>(usage.faults);
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
  if (who == kRusageChildren) {
    write_usage(call.task.children_usage, usage);
  } else {
    measure(call.task);
    write_usage(call.task.usage, usage);
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
