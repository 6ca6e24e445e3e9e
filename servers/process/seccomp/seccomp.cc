// seccomp and prctl(PR_SET_SECCOMP): taking filters of programs.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// Threads that must all get the caller's filter with it: 0, or the tid of one
// whose filters are no beginning of the caller's (seccomp_can_sync_threads()).
i32 ProcessServer::unsyncable_thread(const Task& task) const {
  i32 tid = 0;
  for_each_thread(*task.process, [&](const Task& other) {
    if (&other == &task || other.state != TaskState::kLive || tid != 0) return;
    if (other.inherited.seccomp_mode == kSeccompOff) return;
    const SeccompFilter* filter = task.inherited.filter;
    while (filter != nullptr && filter != other.inherited.filter) {
      filter = filter->previous;
    }
    if (filter == nullptr) tid = pids_.own_tid(other);
  });
  return tid;
}

void ProcessServer::filter_calls(Task& task, SeccompMode mode,
                                 SeccompFilter* filter) {
  if (filter != nullptr) ++filter->holders;
  filters_.drop(task.inherited.filter);
  task.inherited.filter = filter;
  task.inherited.seccomp_mode = mode;
  board_.show_flags(task);
  watch(task);
}

i64 ProcessServer::set_strict(Task& task) {
  if (task.inherited.seccomp_mode == kSeccompFilter) return -EINVAL;
  filter_calls(task, kSeccompStrict, nullptr);
  return 0;
}

i64 ProcessServer::set_filter(Task& task, u32 flags, u64 program) {
  constexpr u32 kKnown =
      kSeccompTsync | kSeccompLog | kSeccompSpecAllow | kSeccompTsyncEsrch;
  if ((flags & ~kKnown) != 0) return -EINVAL;
  // So that no filter makes a program with more rights do wrong.
  if (!task.inherited.no_new_privileges &&
      !is_capable(task, Capability::kSysAdmin)) {
    return -EACCES;
  }
  i64 error;
  SeccompFilter* filter = filters_.read(task, program, &error);
  if (filter == nullptr) return error;
  const bool sync = (flags & kSeccompTsync) != 0;
  const i32 unsyncable = sync ? unsyncable_thread(task) : 0;
  if (task.inherited.seccomp_mode == kSeccompStrict || unsyncable != 0) {
    filters_.drop(filter);
    if (unsyncable == 0) return -EINVAL;
    return (flags & kSeccompTsyncEsrch) != 0 ? -ESRCH : unsyncable;
  }
  filter->previous = task.inherited.filter;
  if (filter->previous != nullptr) ++filter->previous->holders;
  for_each_thread(*task.process, [&](Task& other) {
    if (other.state != TaskState::kLive) return;
    if (&other != &task && !sync) return;
    filter_calls(other, kSeccompFilter, filter);
    if (task.inherited.no_new_privileges) {
      other.inherited.no_new_privileges = true;
    }
  });
  filters_.drop(filter);  // the maker's hold
  return 0;
}

Outcome ProcessServer::sys_seccomp(const Call& call) {
  const u32 flags = call.uint_argument(1);
  const u64 argument = call.argument(2);
  switch (call.uint_argument(0)) {
    case kSeccompSetStrict:
      if (flags != 0 || argument != 0) return call.result(-EINVAL);
      return call.result(set_strict(call.task));
    case kSeccompSetFilter:
      return call.result(set_filter(call.task, flags, argument));
    case kSeccompGetActionAvail: {
      u32 action;
      if (flags != 0) return call.result(-EINVAL);
      if (user_.read(*call.task.mm, argument, action) != 0) {
        return call.result(-EFAULT);
      }
      switch (action) {
        case kSeccompKillProcess:
        case kSeccompKillThread:
        case kSeccompTrap:
        case kSeccompErrno:
        case kSeccompTrace:
        case kSeccompLogged:
        case kSeccompAllow:
          return call.result(0);
        default:
          return call.result(-EOPNOTSUPP);
      }
    }
    default:
      return call.result(-EINVAL);
  }
}

Outcome ProcessServer::set_seccomp(const Call& call) {
  switch (call.argument(1)) {
    case kSeccompStrict:
      return call.result(set_strict(call.task));
    case kSeccompFilter:
      return call.result(set_filter(call.task, 0, call.argument(2)));
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
