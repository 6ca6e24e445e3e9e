// fork, vfork and clone (docs/fork-protocol): check, reserve, have the memory
// server duplicate the mm, then one batch makes the child exist, tells the
// servers below, and answers the parent. Before that batch all can be undone
// here; after it nothing can fail.
#include "servers/linux_abi/arch/clone_arguments.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/schedule.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

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
    executables_.run(*mm, *parent.mm->executable);
  }
  mm->traits = parent.mm->traits;
  if ((mm->traits & kMmHasSegments) != 0) [[unlikely]]
    note_forked_segments(*mm, parent);
  child.mm = mm;
  return 0;
}

namespace {

// What lies in memory that somebody else sees: the parent's *ptid and *pidfd,
// and *ctid if the mm is shared. Such a word is written when only the commit is
// left, so that a clone that fails writes nothing (A21).
bool stores_late(u64 flags) {
  return (flags & (kCloneParentSettid | kClonePidFd)) != 0 ||
         ((flags & kCloneVm) != 0 && (flags & kCloneChildSettid) != 0);
}

}  // namespace

// The child's own word, before anyone can see it. As in Linux, a bad address
// does not fail the call; want of memory for the child's page does.
i64 ProcessServer::store_own_tid(Task& child, const CloneRequest& request) {
  if ((request.flags & kCloneChildSettid) == 0 ||
      (request.flags & kCloneVm) != 0) {
    return 0;
  }
  const i32 tid = pids_.own_tid(child);
  return user_.write(*child.mm, request.child_tid, tid) == -ENOMEM ? -ENOMEM
                                                                   : 0;
}

void ProcessServer::store_shared_tids(Task& child, const Task& parent,
                                      const CloneRequest& request) {
  if ((request.flags & kCloneParentSettid) != 0) {
    const i32 tid = pids_.seen_by(parent, child.tid);
    (void)user_.write(*parent.mm, request.parent_tid, tid);
  }
  if ((request.flags & kCloneVm) != 0 &&
      (request.flags & kCloneChildSettid) != 0) {
    const i32 tid = pids_.own_tid(child);
    (void)user_.write(*child.mm, request.child_tid, tid);
  }
}

void ProcessServer::undo_clone(Task& child) {
  if (Task* parent = child.vfork_parent; parent != nullptr) {
    parent->vfork_child = nullptr;
    parent->wait = Wait::kNone;
    parent->token = 0;
  }
  drop_inherited(child);
  Process& process = *child.process;
  if (child.is_leader() && process.has_pidfd) [[unlikely]]
    cancel_pidfd();
  board_.end(child);
  board_.remove(child);
  if (child.is_leader()) {
    unlink_child(process);
    tasks_.leave(process);
    timers_.stop(process.cpu_watch);
    actions_.drop_of(process);
    if (process.is_unkillable) process.pids->init = nullptr;
    processes_.free(&process);
  } else {
    unlink_thread(child);
    --process.live_threads;
  }
  Mm& mm = *child.mm;
  if (--mm.users == 0) {
    abort_mm(mm);
    executables_.stop(mm);
    mms_.release(mm);
  }
  TINE_TRACE(kCloneUndone, child.tid.value);
  tasks_.release(child);
}

// Records for the child, filled: a thread's, or a process's with its first
// thread. 0 or a negated errno, and then nothing is left of it.
i64 ProcessServer::make_child(const Call& call, const CloneRequest& request,
                              Task** made) {
  Task& parent = call.task;
  const u64 flags = request.flags;
  Process* process = nullptr;
  if ((flags & kCloneThread) == 0) {
    process = processes_.make();
    if (process == nullptr) return -EAGAIN;
    if (const i64 error = actions_.inherit(*process, *parent.process, flags);
        error != 0) {
      processes_.free(process);
      return error;
    }
  }
  Task* child = nullptr;
  NewNamespaces made_spaces;
  i64 error = 0;
  // What is never used is no less shared.
  if ((flags & kCloneSysvSem) != 0 && !semaphores_.share_undo(parent)) {
    error = -ENOMEM;
  }
  if (error == 0 && (flags & (kCloneNewUts | kCloneNewPid)) != 0) [[unlikely]] {
    error = new_namespaces(parent, flags, made_spaces);
  }
  PidNamespace* const pids = (flags & kCloneNewPid) != 0
                                 ? made_spaces.pids
                                 : parent.inherited.child_pids;
  if (error == 0) {
    error = tasks_.take(Pid{request.tids.at(0, pids)}, &child);
  }
  if (error == 0) {
    TINE_TRACE(kCloneReserved, child->tid.value);
    if (pids != nullptr) [[unlikely]]
      error = pid_spaces_.number(child->tid, pids, request.tids);
    if (error == 0) error = duplicate_mm(*child, parent, flags);
    if (error != 0) tasks_.release(*child);
  }
  if (error != 0) {
    undo_namespaces(made_spaces);
    if (process != nullptr) {
      actions_.drop_of(*process);
      processes_.free(process);
    }
    TINE_TRACE(kCloneReleased, parent.tid.value);
    return error;
  }
  inherit(*child, parent, request);
  if (made_spaces.uts != nullptr) [[unlikely]]
    child->inherited.uts = made_spaces.uts;
  child->inherited.child_pids = pids;
  if (process != nullptr) {
    inherit_process(*process, *child, parent, request);
  } else {
    link_thread(*parent.process, *child);
    ++parent.process->live_threads;
  }
  *made = child;
  return 0;
}

Outcome ProcessServer::do_clone(const Call& call, const CloneRequest& request) {
  Task& parent = call.task;
  const u64 flags = request.flags;
  if (cloning_traced_ != nullptr) [[unlikely]]
    tell_of_traced_clone();
  if (const i64 error = check_clone(parent, request); error != 0) {
    return call.result(error);
  }
  if (request.tids.count != 0) [[unlikely]] {
    if (const i64 error = check_wanted_tids(parent, request); error != 0) {
      return call.result(error);
    }
  }
  TINE_TRACE(kCloneChecked, parent.tid.value);
  // A signal comes first, and the call is made again after it
  // (recalc_sigpending, ERESTARTNOINTR): programs never see fork fail with
  // EINTR.
  if (has_work(parent)) [[unlikely]] {
    waiting_.notice(parent);
    return Outcome(call.token, make_tag(0, kReplyRestart));
  }
  if (!may_have_another_thread(parent) ||
      !journal_.reserve((flags & kClonePidFd) != 0 ? 3 : 2)) {
    return call.result(-EAGAIN);
  }
  Task* child;
  if (const i64 error = make_child(call, request, &child); error != 0) {
    return call.result(error);
  }
  board_.add(*child, parent, sys::clock_ns());
  if ((flags & (kCloneNewUts | kCloneNewPid)) != 0) [[unlikely]]
    board_.show_namespaces(*child);
  TINE_TRACE(kTaskFilled, child->tid.value);
  if (const i64 error = store_own_tid(*child, request); error != 0) {
    undo_clone(*child);
    return call.result(error);
  }
  TINE_TRACE(kTidsWritten, child->tid.value);

  i64 pidfd = 0;
  if ((flags & kClonePidFd) != 0) [[unlikely]] {
    pidfd = make_pidfd(parent, *child->process, 0, VfsLabel::kPidFdReserve);
    if (pidfd < 0) {
      undo_clone(*child);
      return call.result(pidfd);
    }
  }
  journal_.mark();
  const Handle thread = thread_handle(*child);
  const u64 space = child->mm->space;
  const u32 sets_tls = (flags & kCloneSettls) != 0 ? kCloneSetTls : 0;
  // The child of a thread that is stepped runs free.
  const bool is_traced = parent.trace != nullptr;
  const bool is_stepped = is_traced && parent.trace->is_stepping;
  const bool is_made = stores_late(flags) || is_stepped;
  if (is_made) {
    if (sys::run({.code = OpCode::kThreadClone,
                  .handle = kNoHandle,
                  .a = call.token,
                  .b = thread,
                  .c = space,
                  .d = request.stack,
                  .e = request.tls,
                  .flags = sets_tls})
            .status != Status::kOk) {
      undo_clone(*child);
      return call.result(-EAGAIN);
    }
    if (is_stepped) (void)set_stepping(thread_handle(*child), 0, false);
    if ((flags & kClonePidFd) != 0 &&
        user_.write(*parent.mm, request.pidfd, static_cast<i32>(pidfd)) != 0) {
      (void)sys::run({OpCode::kThreadKill, thread_handle(*child)});
      undo_clone(*child);
      return call.result(-EFAULT);
    }
    store_shared_tids(*child, parent, request);
  }
  child->files_record =
      journal_.write(RingOp::kFilesDup, parent.cookie(), child->cookie(),
                     ((flags & kCloneFiles) != 0 ? kRingShareFiles : 0) |
                         ((flags & kCloneFs) != 0 ? kRingShareFs : 0));
  if ((flags & kClonePidFd) != 0) [[unlikely]] {
    journal_.write(RingOp::kFilesPidFd, parent.cookie());
  }
  if ((flags & kCloneVm) == 0) {
    journal_.write(RingOp::kMmCommit, child->mm->id);
  }
  bool withholds = (flags & kCloneVfork) != 0;
  if (is_traced) [[unlikely]] {
    withholds = trace_clone(call, request, *child) || withholds;
  }
  sys::Batch batch;
  if (is_made) {
    batch.add(OpCode::kSpaceValid, child->mm->space);
    batch.add(OpCode::kThreadPublish, thread, 0, child->cookie());
  } else {
    batch
        .add(OpCode::kThreadClone, kNoHandle, call.token, thread, space,
             request.stack, request.tls, sets_tls | kClonePublish)
        .result = child->cookie();
  }
  if (parent.inherited.reset_on_fork || parent.boost != 0) [[unlikely]] {
    const Turn turn = turn_of(child->inherited);
    batch.add(OpCode::kThreadPriority, thread, turn.priority, turn.slice_ns);
  }
  if (parent.inherited.is_watched && (is_traced || sys::traces_calls))
      [[unlikely]] {
    batch.add(OpCode::kThreadInterrupt, thread);
  }
  journal_.publish(batch);
  child->state = TaskState::kLive;

  commit_ = Commit::kClone;
  cloning_ = child;
  cloning_token_ = call.token;
  cloning_is_made_ = is_made;
  Outcome outcome = call.result(pids_.seen_by(parent, child->tid));
  outcome.kind = Outcome::Kind::kCommit;
  if (is_traced) [[unlikely]]
    cloning_traced_ = &parent;
  if (withholds) outcome.token = 0;
  if ((flags & kCloneVfork) != 0) (void)waiting_.withhold(call, Wait::kVfork);
  return outcome;
}

// Nothing of the batch has taken effect.
Outcome ProcessServer::clone_failed() {
  Task& child = *cloning_;
  if (child.trace != nullptr) end_trace(*child.trace);
  if (cloning_traced_ != nullptr) {
    cloning_traced_->has_ending = false;
    cloning_traced_->token = 0;
    if (cloning_traced_->trace != nullptr) {
      cloning_traced_->trace->stop = TraceStop::kNone;
      cloning_traced_->trace->is_unreported = false;
    }
    cloning_traced_ = nullptr;
  }
  journal_.take_back();
  TINE_TRACE(kRingsTakenBack, child.tid.value);
  if (cloning_is_made_) {
    (void)sys::run({OpCode::kThreadKill, thread_handle(child)});
  }
  undo_clone(child);
  return answer_result(cloning_token_, -EAGAIN);
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
                         .exit_signal = static_cast<i32>(flags & 0xff),
                         .pidfd = call.argument(2)});
}

}  // namespace tine::process
