// Resource limits, and memory usage. NPROC and CPU act here; the servers below
// are told of NOFILE, FSIZE, AS, DATA, STACK and MEMLOCK.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

i64 ProcessServer::change_limit(Process& process, u32 resource,
                                const Rlimit& limit, const Task& by) {
  Rlimit& current = process.limits[resource];
  if (limit.soft > limit.hard) return -EINVAL;
  if (resource == kLimitFiles && limit.hard > kMostFiles) return -EPERM;
  if (limit.hard > current.hard && !is_capable(by, Capability::kSysResource)) {
    return -EPERM;
  }
  current = limit;
  if (resource == kLimitCpu && !process.is_zombie())
    interval_timers_.watch_cpu_time(process);
  tell_limit(process, resource);
  return 0;
}

// Whoever acts on it learns of it before the program's next call.
void ProcessServer::tell_limit(const Process& process, u32 resource) {
  if (resource == kLimitLocked) {
    const Task* const thread = live_thread(process);
    if (thread != nullptr) tell_lock_limit(*thread);
    return;
  }
  const bool is_of_memory = resource == kLimitAddressSpace ||
                            resource == kLimitData || resource == kLimitStack;
  const bool is_of_files = resource == kLimitFiles ||
                           resource == kLimitFileSize ||
                           resource == kLimitQueue;
  const u64 queues = process.limits[kLimitQueue].soft;
  if (!is_of_files && !is_of_memory) return;
  for_each_thread(process, [&](const Task& task) {
    if (task.mm == nullptr) return;
    // Threads have one mm, and the vfs server keeps the limit for each.
    if (is_of_memory && &task != live_thread(process)) return;
    journal_.require(1);
    if (is_of_memory) {
      write_mm_limits(process, *task.mm);
    } else {
      journal_.write(RingOp::kFilesLimit, task.cookie(),
                     process.limits[kLimitFiles].soft,
                     queues < ~u32{0} ? static_cast<u32>(queues) : ~u32{0},
                     process.limits[kLimitFileSize].soft);
    }
    journal_.publish_alone();
  });
}

void ProcessServer::write_mm_limits(const Process& process, const Mm& mm) {
  const u64 stack = process.limits[kLimitStack].soft >> kPageShift;
  const u32 stack_pages = stack < ~u32{0} ? static_cast<u32>(stack) : ~u32{0};
  journal_.write(RingOp::kMmLimits, mm.id,
                 process.limits[kLimitAddressSpace].soft, stack_pages,
                 process.limits[kLimitData].soft);
}

// RLIMIT_MEMLOCK binds those without privilege: also told when that changes.
void ProcessServer::tell_lock_limit(const Task& task) {
  if (task.mm == nullptr) return;
  journal_.require(1);
  journal_.write(RingOp::kMmLockLimit, task.mm->id, lock_limit(task));
  journal_.publish_alone();
}

u64 ProcessServer::lock_limit(const Task& task) const {
  return is_capable(task, Capability::kIpcLock)
             ? kUnlimited
             : task.process->limits[kLimitLocked].soft;
}

// What the process has used of memory so far, with the programs before this
// one.
void ProcessServer::measure(Task& task) {
  if (task.mm == nullptr) return;
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kSpaceStat, task.mm->space);
  if (batch.run().status != Status::kOk) return;
  note_memory(*task.process, stat);
}

void ProcessServer::note_memory(Process& process, const Op& stat) {
  if (stat.a > process.usage.most_pages) process.usage.most_pages = stat.a;
  process.usage.faults = process.past_faults + stat.b;
}

Outcome ProcessServer::sys_prlimit64(const Call& call) {
  const u32 resource = call.uint_argument(1);
  const u64 from = call.argument(2);
  const u64 to = call.argument(3);
  Rlimit wanted;
  if (from != 0 && user_.read(*call.task.mm, from, wanted) != 0) {
    return call.result(-EFAULT);
  }
  Task* task = named(call.task, call.int_argument(0));
  if (task == nullptr) return call.result(-ESRCH);
  if (resource >= kLimits) return call.result(-EINVAL);
  const Credentials& own = call.task.credentials();
  const Credentials& its = task->credentials();
  const bool same_user = own.uid == its.uid && own.uid == its.euid &&
                         own.uid == its.suid && own.gid == its.gid &&
                         own.gid == its.egid && own.gid == its.sgid;
  if (task != &call.task && !same_user &&
      !is_capable(call.task, Capability::kSysResource)) {
    return call.result(-EPERM);
  }
  const Rlimit old = task->process->limits[resource];
  if (from != 0) {
    const i64 error = change_limit(*task->process, resource, wanted, call.task);
    if (error != 0) return call.result(error);
  }
  return to == 0 ? call.result(0) : call.result_with(to, old);
}

Outcome ProcessServer::sys_getrlimit(const Call& call) {
  const u32 resource = call.uint_argument(0);
  if (resource >= kLimits) return call.result(-EINVAL);
  return call.result_with(call.argument(1),
                          call.task.process->limits[resource]);
}

Outcome ProcessServer::sys_setrlimit(const Call& call) {
  const u32 resource = call.uint_argument(0);
  Rlimit wanted;
  if (user_.read(*call.task.mm, call.argument(1), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (resource >= kLimits) return call.result(-EINVAL);
  return call.result(
      change_limit(*call.task.process, resource, wanted, call.task));
}

}  // namespace tine::process
