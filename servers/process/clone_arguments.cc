// Which clones there may be: flags, limits, and clone3's structure, which is
// the same as clone's arguments and may grow.
#include "servers/linux_abi/arch/clone_arguments.h"

#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// copy_process() begins with these, in this order.
i64 ProcessServer::check_clone(const Task& parent,
                               const CloneRequest& request) const {
  const u64 flags = request.flags;
  if ((flags & kCloneThread) != 0 && (flags & kCloneSighand) == 0) {
    return -EINVAL;
  }
  if ((flags & kCloneSighand) != 0 && (flags & kCloneVm) == 0) return -EINVAL;
  if ((flags & kCloneParent) != 0 && parent.process->is_unkillable) {
    return -EINVAL;
  }
  if ((flags & kCloneThread) != 0 &&
      ((flags & kCloneNewPid) != 0 ||
       parent.inherited.child_pids != parent.process->pids)) {
    return -EINVAL;
  }
  if ((flags & kClonePidFd) != 0 &&
      ((flags & (kCloneThread | kCloneDetached)) != 0 ||
       ((flags & kCloneParentSettid) != 0 &&
        request.pidfd == request.parent_tid))) {
    return -EINVAL;
  }
  if (request.stack % kCloneStackAlign != 0) return -EINVAL;
  if ((flags & kCloneSettls) != 0 && !is_valid_tls(request.tls)) return -EPERM;
  // Of the time namespace only clone3 and unshare know.
  if (const i64 error = check_namespaces(parent, flags & ~u64{kCloneNewTime});
      error != 0) {
    return error;
  }
  // No descriptor names a control group.
  if ((flags & kCloneIntoCgroup) != 0) return -EBADF;
  return 0;
}

// RLIMIT_NPROC: threads of the user, of which root may have any number.
bool ProcessServer::may_have_another_thread(const Task& parent) {
  const Credentials& credentials = parent.credentials();
  if (credentials.uid == 0 || is_capable(parent, Capability::kSysResource) ||
      is_capable(parent, Capability::kSysAdmin)) {
    return true;
  }
  const u64 most = parent.process->limits[kLimitProcesses].soft;
  if (tasks_.live() < most) return true;
  u64 count = 0;
  for (const Task& task : tasks_) {
    if (task.state != TaskState::kFree &&
        task.credentials().uid == credentials.uid) {
      ++count;
    }
  }
  return count < most;
}

namespace {

// clone3_args_valid()
bool is_valid_clone3(const CloneArguments& arguments) {
  constexpr u64 kKnown =
      0xffff'ffff | u64{kCloneClearSighand} | u64{kCloneIntoCgroup};
  constexpr u64 kRefused =
      kCloneDetached | (u64{kCloneSignalMask} & ~u64{kCloneNewTime});
  const u64 flags = arguments.flags;
  if ((flags & ~kKnown) != 0 || (flags & kRefused) != 0) return false;
  constexpr u64 kBoth = u64{kCloneSighand} | u64{kCloneClearSighand};
  if ((flags & kBoth) == kBoth) return false;
  if ((flags & (kCloneThread | kCloneParent)) != 0 &&
      arguments.exit_signal != 0) {
    return false;
  }
  if ((arguments.stack == 0) != (arguments.stack_bytes == 0)) return false;
  return arguments.stack <= kUserAddressEnd &&
         arguments.stack_bytes <= kUserAddressEnd - arguments.stack;
}

}  // namespace

// copy_struct_from_user(): what this server does not know must be zero.
i64 ProcessServer::read_clone_arguments(const Call& call,
                                        CloneArguments& arguments) {
  const u64 address = call.argument(0);
  const u64 bytes = call.argument(1);
  if (bytes > kPageSize) return -E2BIG;
  if (bytes < kCloneArgumentsLeast) return -EINVAL;
  const u64 known = bytes < sizeof(arguments) ? bytes : sizeof(arguments);
  if (user_.read(*call.task.mm, address, &arguments, known) != 0) {
    return -EFAULT;
  }
  for (u64 at = known; at < bytes;) {
    u8 rest[64];
    const u64 count = bytes - at < sizeof(rest) ? bytes - at : sizeof(rest);
    if (user_.read(*call.task.mm, address + at, rest, count) != 0) {
      return -EFAULT;
    }
    for (u64 i = 0; i < count; ++i) {
      if (rest[i] != 0) return -E2BIG;
    }
    at += count;
  }
  return 0;
}

// The tids asked for, into room for kMostPidLevels of them.
i64 ProcessServer::read_wanted_tids(const Call& call,
                                    const CloneArguments& arguments,
                                    i32* tids) {
  const u64 count = arguments.set_tid_count;
  if (count > kMostPidLevels || (arguments.set_tid == 0) != (count == 0)) {
    return -EINVAL;
  }
  if (count != 0 && user_.read(*call.task.mm, arguments.set_tid, tids,
                               count * sizeof(i32)) != 0) {
    return -EFAULT;
  }
  return 0;
}

// alloc_pid(): from the innermost namespace outwards.
i64 ProcessServer::check_wanted_tids(const Task& parent,
                                     const CloneRequest& request) {
  const bool is_new = (request.flags & kCloneNewPid) != 0;
  const PidNamespace* space = parent.inherited.child_pids;
  const u32 levels = level_of(space) + 1 + (is_new ? 1 : 0);
  if (request.tids.count > levels) return -EINVAL;
  for (u32 i = 0; i < request.tids.count; ++i) {
    const i32 tid = request.tids.numbers[i];
    if (!TaskTable::is_pid(Pid{tid})) return -EINVAL;
    // The first of a namespace is its process 1.
    const bool has_init =
        (i != 0 || !is_new) && (space == nullptr || space->init != nullptr);
    if (tid != 1 && !has_init) return -EINVAL;
    if (!is_capable(parent, Capability::kSysAdmin) &&
        !is_capable(parent, Capability::kCheckpointRestore)) {
      return -EPERM;
    }
    if (i != 0 || !is_new) space = space == nullptr ? nullptr : space->outer;
  }
  return 0;
}

Outcome ProcessServer::sys_clone3(const Call& call) {
  CloneArguments arguments{};
  i64 error = read_clone_arguments(call, arguments);
  if (error != 0) return call.result(error);
  const u64 flags = arguments.flags;
  if (arguments.exit_signal > static_cast<u64>(kSignals)) {
    return call.result(-EINVAL);
  }
  if ((flags & kCloneIntoCgroup) != 0 &&
      (arguments.cgroup > INT32_MAX ||
       call.argument(1) < sizeof(CloneArguments))) {
    return call.result(-EINVAL);
  }
  i32 tids[kMostPidLevels];
  error = read_wanted_tids(call, arguments, tids);
  if (error != 0) return call.result(error);
  if ((flags & kCloneNewTime) != 0 || !is_valid_clone3(arguments)) {
    return call.result(-EINVAL);
  }
  return do_clone(
      call,
      {.flags = flags,
       .stack =
           arguments.stack == 0 ? 0 : arguments.stack + arguments.stack_bytes,
       .tls = arguments.tls,
       .parent_tid = arguments.parent_tid,
       .child_tid = arguments.child_tid,
       .exit_signal = static_cast<i32>(arguments.exit_signal),
       .tids =
           {
               .numbers = tids,
               .count = static_cast<u32>(arguments.set_tid_count),
           },
       .pidfd = arguments.pidfd});
}

}  // namespace tine::process
