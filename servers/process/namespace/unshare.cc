// Leaving what is shared: unshare, setns, and the namespaces of clone. There
// are namespaces of host names and of pids; the others are refused as by a
// kernel that was built without them.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kMissingNamespaces = kCloneNewNs | kCloneNewCgroup |
                                   kCloneNewIpc | kCloneNewUser | kCloneNewNet |
                                   kCloneNewTime;
constexpr u64 kNamespaces = kCloneNewUts | kCloneNewPid;

}  // namespace

i64 ProcessServer::check_namespaces(const Task& task, u64 flags) const {
  if ((flags & kMissingNamespaces) != 0) return -EINVAL;
  if ((flags & kNamespaces) != 0 && !is_capable(task, Capability::kSysAdmin)) {
    return -EPERM;
  }
  return 0;
}

// A copy of the names of `from`, held once. Null: no memory.
UtsNamespace* ProcessServer::copy_uts(const UtsNamespace& from) {
  UtsNamespace* copy = uts_.make();
  if (copy == nullptr) return nullptr;
  u8 id = 1;
  while (uts_ids_[id]) ++id;
  uts_ids_[id] = true;
  copy->id = id;
  for (u32 i = 0; i < UtsNamespace::kBytes; ++i) {
    copy->node[i] = from.node[i];
    copy->domain[i] = from.domain[i];
  }
  return copy;
}

void ProcessServer::drop_uts(UtsNamespace* uts) {
  if (--uts->holders != 0) return;
  uts_ids_[uts->id] = false;
  uts_.free(uts);
}

// create_new_namespaces(). 0 or a negated errno, and then there is none.
i64 ProcessServer::new_namespaces(const Task& task, u64 flags,
                                  NewNamespaces& made) {
  if ((flags & kCloneNewUts) != 0) {
    made.uts = copy_uts(*task.inherited.uts);
    if (made.uts == nullptr) return -ENOMEM;
  }
  i64 error = 0;
  if ((flags & kCloneNewPid) != 0) {
    // Only who is in the namespace where its children are born may make one
    // within it.
    error = task.inherited.child_pids != task.process->pids
                ? -EINVAL
                : pid_spaces_.make(task.process->pids, &made.pids);
  }
  if (error != 0) undo_namespaces(made);
  return error;
}

void ProcessServer::undo_namespaces(const NewNamespaces& made) {
  if (made.uts != nullptr) drop_uts(made.uts);
  pid_spaces_.drop(made.pids);
}

// What a new thread shares with the one that made it: all but what is made for
// it.
void ProcessServer::hold_inherited(Task& child, u64 flags) {
  if ((flags & kCloneNewUts) == 0) [[likely]]
    ++child.inherited.uts->holders;
  Inherited& its = child.inherited;
  if (its.child_pids == nullptr && its.capabilities == nullptr &&
      its.filter == nullptr && its.undo == nullptr && its.io == 0) [[likely]] {
    return;
  }
  if ((flags & kCloneNewPid) == 0) PidNamespaces::hold(its.child_pids);
  if (its.capabilities != nullptr) ++its.capabilities->holders;
  if (its.filter != nullptr) ++its.filter->holders;
  if (its.undo != nullptr) inherit_undo(child, (flags & kCloneSysvSem) != 0);
  if (its.io != 0)
    its.io = io_contexts_.inherit(its.io, (flags & kCloneIo) != 0);
}

void ProcessServer::drop_inherited(Task& task) {
  drop_uts(task.inherited.uts);
  task.inherited.uts = nullptr;
  filters_.drop(task.inherited.filter);
  task.inherited.filter = nullptr;
  if (task.inherited.undo != nullptr) [[unlikely]]
    semaphores_.drop_undo(task, now_seconds());
  io_contexts_.drop(task.inherited.io);
  task.inherited.io = 0;
  drop_capabilities(task.inherited.capabilities);
  task.inherited.capabilities = nullptr;
  pid_spaces_.drop(task.inherited.child_pids);
  task.inherited.child_pids = nullptr;
}

Outcome ProcessServer::sys_unshare(const Call& call) {
  constexpr u64 kOfThreads = kCloneThread | kCloneSighand | kCloneVm;
  constexpr u64 kOfFiles = kCloneFiles | kCloneFs;
  constexpr u64 kKnown =
      kOfThreads | kOfFiles | kCloneSysvSem | kMissingNamespaces | kNamespaces;
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
  NewNamespaces made;
  if (const i64 error = new_namespaces(task, flags, made); error != 0) {
    return call.result(error);
  }
  if (made.uts != nullptr) {
    drop_uts(task.inherited.uts);
    task.inherited.uts = made.uts;
  }
  if (made.pids != nullptr) {
    pid_spaces_.drop(task.inherited.child_pids);
    task.inherited.child_pids = made.pids;
  }
  board_.show_namespaces(task);
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

// Into namespaces of the process that a pidfd names. No other descriptor names
// any.
Outcome ProcessServer::sys_setns(const Call& call) {
  Task& task = call.task;
  const u64 flags = call.uint_argument(1);
  PidFdTarget target;
  if (const i64 error = find_pidfd(task, call.int_argument(0), target);
      error != 0) {
    return call.result(error);
  }
  if (flags == 0 || (flags & ~kNamespaces) != 0) return call.result(-EINVAL);
  if (target.process == nullptr) return call.result(-ESRCH);
  const Task* source = live_thread(*target.process);
  if (!may_access(task, *target.process->leader)) return call.result(-EPERM);
  if (source == nullptr) return call.result(-ESRCH);
  if (!is_capable(task, Capability::kSysAdmin)) return call.result(-EPERM);
  PidNamespace* pids = target.process->pids;
  if ((flags & kCloneNewPid) != 0) {
    // The own one, or one within it (pidns_install()).
    const PidNamespace* around = pids;
    while (level_of(around) > level_of(task.process->pids)) {
      around = around->outer;
    }
    if (around != task.process->pids) return call.result(-EINVAL);
    PidNamespaces::hold(pids);
    pid_spaces_.drop(task.inherited.child_pids);
    task.inherited.child_pids = pids;
  }
  if ((flags & kCloneNewUts) != 0) {
    ++source->inherited.uts->holders;
    drop_uts(task.inherited.uts);
    task.inherited.uts = source->inherited.uts;
  }
  board_.show_namespaces(task);
  return call.result(0);
}

}  // namespace tine::process
