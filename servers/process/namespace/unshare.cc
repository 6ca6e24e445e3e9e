// Leaving what is shared: unshare, setns, and the namespaces of clone. There
// are namespaces of host names; the others are refused as by a kernel that was
// built without them.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kMissingNamespaces = kCloneNewNs | kCloneNewCgroup |
                                   kCloneNewIpc | kCloneNewUser | kCloneNewPid |
                                   kCloneNewNet | kCloneNewTime;

}  // namespace

i64 ProcessServer::check_namespaces(const Task& task, u64 flags) const {
  if ((flags & kMissingNamespaces) != 0) return -EINVAL;
  if ((flags & kCloneNewUts) != 0 && !task.credentials().is_root()) {
    return -EPERM;
  }
  return 0;
}

// A copy of the names of `from`, held once. Null: no memory.
UtsNamespace* ProcessServer::copy_uts(const UtsNamespace& from) {
  UtsNamespace* copy = uts_.make();
  if (copy == nullptr) return nullptr;
  for (u32 i = 0; i < UtsNamespace::kBytes; ++i) {
    copy->node[i] = from.node[i];
    copy->domain[i] = from.domain[i];
  }
  return copy;
}

void ProcessServer::drop_uts(UtsNamespace* uts) {
  if (--uts->holders == 0) uts_.free(uts);
}

// What a new thread shares with the one that made it: all but what is made for
// it.
void ProcessServer::hold_inherited(Task& child, u64 flags) {
  if ((flags & kCloneNewUts) == 0) [[likely]]
    ++child.inherited.uts->holders;
  if (child.inherited.filter != nullptr) [[unlikely]]
    ++child.inherited.filter->holders;
  if (child.inherited.undo != nullptr) [[unlikely]]
    inherit_undo(child, (flags & kCloneSysvSem) != 0);
}

void ProcessServer::drop_inherited(Task& task) {
  drop_uts(task.inherited.uts);
  task.inherited.uts = nullptr;
  filters_.drop(task.inherited.filter);
  task.inherited.filter = nullptr;
  if (task.inherited.undo != nullptr) [[unlikely]]
    semaphores_.drop_undo(task, now_seconds());
}

Outcome ProcessServer::sys_unshare(const Call& call) {
  constexpr u64 kOfThreads = kCloneThread | kCloneSighand | kCloneVm;
  constexpr u64 kOfFiles = kCloneFiles | kCloneFs;
  constexpr u64 kKnown =
      kOfThreads | kOfFiles | kCloneSysvSem | kMissingNamespaces | kCloneNewUts;
  const u64 flags = call.argument(0);
  Task& task = call.task;
  if ((flags & ~kKnown) != 0) return call.result(-EINVAL);
  // Of a single thread there is nothing to take apart.
  if ((flags & kOfThreads) != 0 && task.process->live_threads > 1) {
    return call.result(-EINVAL);
  }
  if (const i64 error = check_namespaces(task, flags); error != 0) {
    return call.result(error);
  }
  if ((flags & kCloneNewUts) != 0) {
    UtsNamespace* uts = copy_uts(*task.inherited.uts);
    if (uts == nullptr) return call.result(-ENOMEM);
    drop_uts(task.inherited.uts);
    task.inherited.uts = uts;
  }
  // exit_sem(): what it did to semaphores with its threads is theirs.
  if ((flags & kCloneSysvSem) != 0) {
    semaphores_.drop_undo(task, now_seconds());
  }
  if ((flags & kOfFiles) != 0) {
    journal_.require(1);
    journal_.write(RingOp::kFilesUnshare, task.cookie(), 0,
                   ((flags & kCloneFiles) != 0 ? kRingShareFiles : 0) |
                       ((flags & kCloneFs) != 0 ? kRingShareFs : 0));
    // A record of its own: nothing may come before it.
    journal_.publish_alone();
  }
  return call.result(0);
}

// No descriptor names a namespace.
Outcome ProcessServer::sys_setns(const Call& call) {
  return call.result(call.int_argument(0) < 0 ? -EBADF : -EINVAL);
}

}  // namespace tine::process
