// sched_setattr and sched_getattr: policies with all their parameters in one.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/schedule.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// struct sched_attr (linux/sched/types.h).
struct SchedAttributes {
  u32 size;
  u32 policy;
  u64 flags;
  i32 nice;
  u32 priority;
  u64 runtime;
  u64 deadline;
  u64 period;
  u32 clamp_least;
  u32 clamp_most;
};
static_assert(sizeof(SchedAttributes) == 56);
constexpr u32 kLeastBytes = 48;  // the first version
constexpr u64 kResetOnFork = 1;
constexpr u64 kKeepParameters = 8 | 16;  // policy, parameters

}  // namespace

Outcome ProcessServer::sys_sched_getattr(const Call& call) {
  const i32 pid = call.int_argument(0);
  const u32 room = call.uint_argument(2);
  if (call.argument(1) == 0 || pid < 0 || room < kLeastBytes ||
      room > kPageSize || call.uint_argument(3) != 0) {
    return call.result(-EINVAL);
  }
  const Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  const Inherited& its = task->inherited;
  SchedAttributes attributes{};
  attributes.size = room < sizeof(attributes) ? room : sizeof(attributes);
  attributes.policy = static_cast<u32>(its.policy);
  attributes.flags = its.reset_on_fork ? kResetOnFork : 0;
  attributes.priority = static_cast<u32>(its.rt_priority);
  if (is_normal(its.policy)) attributes.nice = its.nice;
  return call.result(user_.write(*call.task.mm, call.argument(1), &attributes,
                                 attributes.size));
}

Outcome ProcessServer::sys_sched_setattr(const Call& call) {
  const i32 pid = call.int_argument(0);
  const u64 from = call.argument(1);
  if (from == 0 || pid < 0 || call.uint_argument(2) != 0) {
    return call.result(-EINVAL);
  }
  const Mm& mm = *call.task.mm;
  SchedAttributes wanted{};
  u32 bytes;
  if (user_.read(mm, from, bytes) != 0) return call.result(-EFAULT);
  if (bytes == 0) bytes = kLeastBytes;
  if (bytes < kLeastBytes || bytes > kPageSize) {
    const u32 known = sizeof(wanted);
    return call.result(user_.write(mm, from, known) != 0 ? -EFAULT : -E2BIG);
  }
  const u32 known = bytes < sizeof(wanted) ? bytes : sizeof(wanted);
  if (user_.read(mm, from, &wanted, known) != 0) return call.result(-EFAULT);
  // What a later version has must be zero.
  for (u32 i = known; i < bytes; ++i) {
    u8 byte;
    if (user_.read(mm, from + i, byte) != 0) return call.result(-EFAULT);
    if (byte != 0) return call.result(-E2BIG);
  }
  Task* task = named(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  if ((wanted.flags & ~kResetOnFork) != 0) {
    // There are no deadlines and clamps; to keep what there is needs no call.
    const bool keeps = (wanted.flags & ~(kResetOnFork | kKeepParameters)) == 0;
    return call.result(keeps ? 0 : -EINVAL);
  }
  const i32 policy = static_cast<i32>(wanted.policy);
  i32 nice = wanted.nice < kLeastNice ? kLeastNice : wanted.nice;
  if (nice > kMostNice) nice = kMostNice;
  if (is_normal(policy) && !may_have_nice(call.task, *task, nice)) {
    return call.result(-EPERM);
  }
  const i64 error =
      set_policy(call.task, *task, policy, static_cast<i32>(wanted.priority),
                 (wanted.flags & kResetOnFork) != 0);
  if (error != 0 || !is_normal(policy)) return call.result(error);
  task->inherited.nice = nice;
  scheduler_.schedule(*task);
  return call.result(0);
}

}  // namespace tine::process
