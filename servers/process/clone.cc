// fork, vfork, clone and clone3 (docs/fork-protocol): check, reserve, have the
// memory server duplicate the mm, then one batch makes the child exist, tells
// the servers below, and answers the parent. Before that batch all can be
// undone here; after it nothing can fail.
#include "servers/linux_abi/arch/clone_arguments.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// A freestanding struct assignment of this size calls memcpy, and would be a
// third of what fork costs here: eight words at a time are copied inline.
[[gnu::always_inline]] inline void copy_words(void* to, const void* from,
                                              u64 words) {
  using Word [[gnu::may_alias]] = u64;
  auto* out = static_cast<Word*>(to);
  auto* in = static_cast<const Word*>(from);
  u64 i = 0;
  for (; i + 8 <= words; i += 8) {
    const Word a = in[i], b = in[i + 1], c = in[i + 2], d = in[i + 3];
    const Word e = in[i + 4], f = in[i + 5], g = in[i + 6], h = in[i + 7];
    out[i] = a, out[i + 1] = b, out[i + 2] = c, out[i + 3] = d;
    out[i + 4] = e, out[i + 5] = f, out[i + 6] = g, out[i + 7] = h;
  }
  for (; i < words; ++i) out[i] = in[i];
}

void copy_inherited(Inherited& to, const Inherited& from) {
  static_assert(alignof(Inherited) == sizeof(u64));
  constexpr u64 kFixed = __builtin_offsetof(Inherited, credentials.groups);
  const u64 groups = u64{from.credentials.group_count} * sizeof(u32);
  copy_words(&to, &from, (kFixed + groups + sizeof(u64) - 1) / sizeof(u64));
}

}  // namespace

// copy_process() begins with these, in this order.
i64 ProcessServer::check_clone(const Task& parent,
                               const CloneRequest& request) const {
  constexpr u64 kNamespaces = kCloneNewNs | kCloneNewCgroup | kCloneNewUts |
                              kCloneNewIpc | kCloneNewUser | kCloneNewPid |
                              kCloneNewNet;
  const u64 flags = request.flags;
  if ((flags & kCloneThread) != 0 && (flags & kCloneSighand) == 0) {
    return -EINVAL;
  }
  if ((flags & kCloneSighand) != 0 && (flags & kCloneVm) == 0) return -EINVAL;
  if ((flags & kCloneParent) != 0 && parent.process->is_init()) return -EINVAL;
  if ((flags & (kNamespaces | kClonePidFd)) != 0) return -EINVAL;
  // Threads: a task that shares its signal actions is one of a process.
  if ((flags & (kCloneThread | kCloneSighand)) != 0) return -ENOSYS;
  if (request.stack % kCloneStackAlign != 0) return -EINVAL;
  if ((flags & kCloneSettls) != 0 && !is_valid_tls(request.tls)) return -EPERM;
  return 0;
}

bool ProcessServer::may_have_another_process(const Task& parent) {
  const Credentials& credentials = parent.credentials();
  if (credentials.uid == 0 || credentials.is_root()) return true;
  u64 count = 0;
  for (const Task& task : tasks_) {
    if (task.state != TaskState::kFree &&
        task.credentials().uid == credentials.uid) {
      ++count;
    }
  }
  return count < parent.process->limits[kLimitProcesses].soft;
}

i64 ProcessServer::duplicate_mm(Task& child, const Task& parent, u64 flags) {
  if ((flags & kCloneVm) != 0) {
    child.mm = parent.mm;
    ++child.mm->users;
    return 0;
  }
  Mm* mm = mms_.take();
  if (mm == nullptr) return -EAGAIN;
  TINE_TRACE(kMmForkAsked, child.tid.value);
  const sys::Message answer = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kMmFork, parent.mm->id,
                                     mm->space, static_cast<u64>(fork_mode_)));
  const i64 error = sys::result_of(answer, -EAGAIN);
  if (error != 0) {
    mms_.release(*mm);
    return error == -EAGAIN ? error : -ENOMEM;
  }
  mm->id = answer.words[1];
  if (parent.mm->executable != nullptr) {
    run_executable(*mm, *parent.mm->executable);
  }
  child.mm = mm;
  return 0;
}

// A21. As in Linux, a bad address does not fail the call; want of memory for
// the child's page does.
i64 ProcessServer::store_tids(Task& child, const Task& parent,
                              const CloneRequest& request) {
  const i32 tid = child.tid.value;
  if ((request.flags & kCloneChildSettid) != 0 &&
      write_user(*child.mm, request.child_tid, tid) == -ENOMEM) {
    return -ENOMEM;
  }
  if ((request.flags & kCloneParentSettid) != 0) {
    (void)write_user(*parent.mm, request.parent_tid, tid);
  }
  return 0;
}

// Everything of a task that does not depend on what a slot was used for before.
void ProcessServer::inherit(Task& child, Task& parent,
                            const CloneRequest& request) {
  const u64 flags = request.flags;
  child.created = 0;
  child.vfork_parent = child.vfork_child = nullptr;
  child.status = 0;
  child.death_signal = 0;
  child.is_doomed = false;
  child.wait = Wait::kNone;
  child.token = 0;
  child.deadline_ns = 0;
  child.pending = 0;
  child.clear_child_tid =
      (flags & kCloneChildCleartid) != 0 ? request.child_tid : 0;
  child.robust_list = 0;
  copy_inherited(child.inherited, parent.inherited);
  if (child.inherited.reset_on_fork) [[unlikely]] {
    if (child.inherited.rt_priority != 0) {
      child.inherited.policy = child.inherited.rt_priority = 0;
    }
    if (child.inherited.nice < 0) child.inherited.nice = 0;
    child.inherited.reset_on_fork = false;
  }
  if ((flags & kCloneVm) != 0 && (flags & kCloneVfork) == 0) {
    child.inherited.alt_stack = {0, kSsDisable, 0, 0};
  }
  if ((flags & kCloneVfork) != 0) {
    child.vfork_parent = &parent;
    parent.vfork_child = &child;
  }
}

// What every process begins with, its first thread being `leader`.
void ProcessServer::begin_process(Process& process, Task& leader) {
  process.pid = leader.tid;
  process.leader = &leader;
  process.first_thread = process.last_thread = nullptr;
  process.live_threads = 1;
  link_thread(process, leader);
  process.first_child = process.last_child = nullptr;
  process.next_sibling = process.previous_sibling = nullptr;
  process.is_exiting = process.is_subreaper = process.has_execed = false;
  process.stop_state = StopState::kRunning;
  process.stop_unreported = process.continued = false;
  process.shared_actions = nullptr;
  process.pending = 0;
  process.past_faults = 0;
  process.usage = process.children_usage = {};
}

void ProcessServer::inherit_process(Process& process, Task& leader,
                                    Task& creator, Handlers& handlers,
                                    const CloneRequest& request) {
  Process& from = *creator.process;
  begin_process(process, leader);
  process.own_handlers = &handlers;
  process.dumpable = from.dumpable;
  constexpr u64 kLimitWords = kLimits * sizeof(Rlimit) / 8;
  copy_words(process.limits, from.limits, kLimitWords);
  tasks_.join(process, from.group, from.session);
  if ((request.flags & kCloneParent) != 0) {
    process.exit_signal = from.exit_signal;
    link_child(*from.parent_task, process);
  } else {
    process.exit_signal = request.exit_signal;
    link_child(creator, process);
  }
}

void ProcessServer::undo_clone(Task& child) {
  if (Task* parent = child.vfork_parent; parent != nullptr) {
    parent->vfork_child = nullptr;
    parent->wait = Wait::kNone;
    parent->token = 0;
  }
  Process& process = *child.process;
  unlink_child(process);
  tasks_.leave(process);
  drop_actions(process);
  processes_.free(&process);
  Mm& mm = *child.mm;
  if (--mm.users == 0) {
    (void)sys::call(kCallMemory,
                    sys::make_message(MemoryLabel::kMmAbort, mm.id));
    (void)sys::run({OpCode::kHandleClose, mm.space});
    stop_executable(mm);
    mms_.release(mm);
  }
  TINE_TRACE(kCloneUndone, child.tid.value);
  tasks_.release(child);
}

void ProcessServer::drop_handlers(Handlers* handlers) {
  if (--handlers->holders == 0) handlers_.free(handlers);
}

void ProcessServer::drop_actions(Process& process) {
  drop_handlers(process.own_handlers);
  process.own_handlers = nullptr;
}

Outcome ProcessServer::do_clone(const Call& call, const CloneRequest& request) {
  Task& parent = call.task;
  const u64 flags = request.flags;
  if (const i64 error = check_clone(parent, request); error != 0) {
    return call.result(error);
  }
  TINE_TRACE(kCloneChecked, parent.tid.value);
  if (!may_have_another_process(parent) || !memory_.reserve(1) ||
      !files_.reserve(1)) {
    return call.result(-EAGAIN);
  }
  Handlers* handlers = parent.process->handlers();
  if ((flags & kCloneClearSighand) != 0) {
    handlers = handlers_after_exec(parent);
    if (handlers == nullptr) return call.result(-ENOMEM);
  } else {
    ++handlers->holders;
  }
  Process* process = processes_.make();
  Task* child = process != nullptr ? tasks_.take() : nullptr;
  if (child == nullptr) {
    if (process != nullptr) processes_.free(process);
    drop_handlers(handlers);
    TINE_TRACE(kCloneReleased, parent.tid.value);
    return call.result(-EAGAIN);
  }
  TINE_TRACE(kCloneReserved, child->tid.value);
  if (const i64 error = duplicate_mm(*child, parent, flags); error != 0) {
    processes_.free(process);
    drop_handlers(handlers);
    tasks_.release(*child);
    TINE_TRACE(kCloneReleased, parent.tid.value);
    return call.result(error);
  }
  inherit(*child, parent, request);
  inherit_process(*process, *child, parent, *handlers, request);
  TINE_TRACE(kTaskFilled, child->tid.value);
  if (const i64 error = store_tids(*child, parent, request); error != 0) {
    undo_clone(*child);
    return call.result(error);
  }
  TINE_TRACE(kTidsWritten, child->tid.value);

  memory_.mark();
  files_.mark();
  files_.write(RingOp::kFilesDup, parent.cookie(), child->cookie(),
               ((flags & kCloneFiles) != 0 ? kRingShareFiles : 0) |
                   ((flags & kCloneFs) != 0 ? kRingShareFs : 0));
  sys::Batch batch;
  batch.add(OpCode::kSpaceValid, child->mm->space);
  batch.add(OpCode::kThreadClone, kNoHandle, call.token, thread_handle(*child),
            child->mm->space, request.stack, request.tls,
            (flags & kCloneSettls) != 0 ? kCloneSetTls : 0);
  batch.add(OpCode::kThreadPublish, thread_handle(*child), 0, child->cookie());
  files_.publish(batch);
  if ((flags & kCloneVm) == 0) {
    memory_.write(RingOp::kMmCommit, child->mm->id);
    memory_.publish(batch);
  }
  child->state = TaskState::kLive;

  commit_ = Commit::kClone;
  cloning_ = child;
  cloning_token_ = call.token;
  Outcome outcome = call.result(child->tid.value);
  outcome.kind = Outcome::Kind::kCommit;
  if ((flags & kCloneVfork) != 0) {
    outcome.token = 0;
    (void)withhold_for(call, Wait::kVfork);
  }
  return outcome;
}

Outcome ProcessServer::sys_fork(const Call& call) {
  return do_clone(call, {.exit_signal = kSigChld});
}

Outcome ProcessServer::sys_vfork(const Call& call) {
  return do_clone(call,
                  {.flags = kCloneVfork | kCloneVm, .exit_signal = kSigChld});
}

Outcome ProcessServer::sys_clone(const Call& call) {
  // Only the low word counts; the flags above it are clone3's.
  const u64 flags = call.uint_argument(0);
  return do_clone(call, {.flags = flags & ~u64{kCloneSignalMask},
                         .stack = call.argument(1),
                         .tls = call.argument(kCloneTlsArgument),
                         .parent_tid = call.argument(2),
                         .child_tid = call.argument(kCloneChildTidArgument),
                         .exit_signal = static_cast<i32>(flags & 0xff)});
}

}  // namespace tine::process
