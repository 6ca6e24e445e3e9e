// The end of threads and processes. A handler only dooms; when it is done, all
// doomed threads end one after the other, and one batch (or a few) carries it
// out: no recursion, however long the chain of signals from child to parent.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

void ProcessServer::doom(Task& task, i32 status) {
  if (task.is_doomed || task.state != TaskState::kLive) return;
  task.is_doomed = true;
  task.status = status;
  task.next_doomed = doomed_;
  doomed_ = &task;
}

void ProcessServer::end_process(Process& process, i32 status) {
  if (process.is_exiting || process.is_zombie()) return;
  process.is_exiting = true;
  process.exit_status = status;
  for_each_thread(process, [&](Task& task) { doom(task, status); });
}

void ProcessServer::end_doomed() {
  while (doomed_ != nullptr) {
    Task& task = *doomed_;
    doomed_ = task.next_doomed;
    end_task(task);
  }
}

void ProcessServer::end_run(const Process& init) {
  const i32 status = init.exit_status;
  const i32 signal = status & 0x7f;
  if (signal != 0) sys::log("process: process 1 was ended by a signal");
  // So that what the log tells of the run is whole.
  journal_.publish_alone();
  journal_.have_it_read();
  deferred_.add(
      OpCode::kShutdown, kRunControl,
      static_cast<u64>(signal != 0 ? 128 + signal : status >> 8 & 0xff));
}

// mm_release(): what other threads may wait for, and the parent in vfork().
void ProcessServer::leave_mm(Task& task) {
  Mm& mm = *task.mm;
  futexes_.leave_robust_list(task);
  if (task.pi_waiters != nullptr) [[unlikely]]
    futexes_.abandon_pi_locks(task);
  if (task.clear_child_tid != 0 && mm.users > 1) {
    (void)user_.write(mm, task.clear_child_tid, u32{0});
    futexes_.wake_after_end(mm, task.clear_child_tid);
  }
  task.clear_child_tid = 0;
  if (Task* parent = task.vfork_parent; parent != nullptr) {
    parent->vfork_child = nullptr;
    task.vfork_parent = nullptr;
    waiting_.wake(*parent, pids_.seen_by(*parent, task.tid));
  }
}

// The space is destroyed, or will be with what is deferred.
void ProcessServer::forget_mm(Mm& mm, Pid pid) {
  if ((mm.traits & kMmHasSegments) != 0) [[unlikely]]
    note_detached_segments(mm, pid);
  journal_.require(1);
  journal_.write(RingOp::kMmDrop, mm.id);
  executables_.stop(mm);
  mms_.release(mm);
}

// The caller has made sure that no thread uses the space when what is deferred
// has run.
void ProcessServer::drop_mm(Mm& mm, Pid pid) {
  if (--mm.users != 0) return;
  deferred_.add(OpCode::kSpaceDestroy, mm.space);
  forget_mm(mm, pid);
}

// The thread ends, and the space with the last in it. What they used goes into
// the books.
void ProcessServer::kill(Task& task) {
  Process& process = *task.process;
  Mm& mm = *task.mm;
  // An answer may be among what is deferred.
  if (!deferred_.is_empty()) [[unlikely]]
    deferred_.flush();
  const bool is_last = --mm.users == 0;
  sys::Batch batch;
  const Op& time = batch.add(OpCode::kThreadKill, thread_handle(task));
  const Op& memory =
      is_last ? batch.add(OpCode::kSpaceDestroy, mm.space) : time;
  if (batch.run().status != Status::kOk) {
    sys::fail("process: the kernel refused the end of a thread");
  }
  board_.show_times(task, time.a, time.b);
  process.past_cpu.add({time.a, time.b});
  if (is_last) {
    note_memory(process, memory);
    forget_mm(mm, process.pid);
  }
  task.mm = nullptr;
}

// What was pending to a thread goes with it; what it may have been about to
// take for its process, another takes. A process that ends is not stopped.
void ProcessServer::drop_signals(Task& task, bool is_last) {
  Process& process = *task.process;
  signal_store_.discard(task.pending, ~u64{0});
  if (is_last) {
    signal_store_.discard(process.pending, ~u64{0});
    signals_.forget_stop(process);
    interval_timers_.stop(process);
    posix_timers_.free_all(process);
    return;
  }
  if (task.is_parked) --process.parked_threads;
  task.is_parked = false;
  signals_.retarget(process, ~task.inherited.blocked);
  signals_.check_stopped(process);
}

void ProcessServer::end_task(Task& task) {
  Process& process = *task.process;
  if (task.state == TaskState::kZombie) [[unlikely]] {
    end_namespace_init(task);
    return;
  }
  const bool is_last = process.live_threads == 1;
  waiting_.stop(task);
  task.token = 0;
  task.has_ending = false;
  if (is_last && !process.is_exiting) {
    // The last one's status, not the leader's, is the process's.
    process.is_exiting = true;
    process.exit_status = task.status;
  }
  if (process.is_init() && process.is_exiting) {
    end_run(process);
    return;
  }
  leave_mm(task);
  if (task.vfork_child != nullptr) {
    task.vfork_child->vfork_parent = nullptr;
    task.vfork_child = nullptr;
  }
  kill(task);
  journal_.require(1);
  journal_.write_end(RingOp::kFilesDrop, task.cookie(), task.files_record);
  drop_inherited(task);
  task.state = TaskState::kZombie;
  board_.end(task);
  // Process 1 of a namespace waits for all others to end.
  const bool is_namespace_end = is_last && process.is_unkillable;
  if (!is_namespace_end) [[likely]]
    --process.live_threads;
  Process* tracer = nullptr;
  const bool is_leader = task.is_leader();
  if (task.trace != nullptr) [[unlikely]] {
    tracer = task.trace->tracer;
    end_traced(task);
  }
  if (is_last && process.traces != nullptr) [[unlikely]]
    end_traces_of(process);
  drop_signals(task, is_last);
  if (is_namespace_end) [[unlikely]] {
    if (!end_pid_namespace(process, &task == process.leader)) {
      end_namespace_init(task);
    }
  } else {
    if (is_last) actions_.drop_of(process);
    reparent_children(task);
    if (!is_leader && tracer == nullptr) release_thread(task);
    if (is_last) tell_of_end(process);
  }
  // Last: a tracer that waits takes the thread away, and perhaps its process.
  if (tracer != nullptr) [[unlikely]] {
    if (!is_leader && task.trace != nullptr) tell_of_end(*task.trace);
    wake_waiters(*tracer, nullptr);
  }
}

Task* ProcessServer::live_thread(const Process& process) const {
  Task* found = nullptr;
  for_each_thread(process, [&](Task& task) {
    if (task.state != TaskState::kLive) return;
    // One that goes on is better than one that is about to end, too.
    if (found == nullptr || (found->is_doomed && !task.is_doomed)) {
      found = &task;
    }
  });
  return found;
}

// find_new_reaper(): who gets the children of a thread of `process`: another
// thread that goes on, or one of the nearest ancestor in its pid namespace that
// asked for it, else of process 1.
Task& ProcessServer::heir_of(const Process& process) const {
  Task* sibling = live_thread(process);
  if (sibling != nullptr && !sibling->is_doomed) return *sibling;
  for (const Process* reaper = process.parent;
       reaper->pids == process.pids && !reaper->is_init();
       reaper = reaper->parent) {
    if (!reaper->is_subreaper) continue;
    if (Task* thread = live_thread(*reaper); thread != nullptr) return *thread;
  }
  return reaper_of(process);
}

// forget_original_parent()
void ProcessServer::reparent_children(Task& task) {
  if (task.created == 0) return;
  Process& process = *task.process;
  Task& heir = heir_of(process);
  const bool leaves = heir.process != &process;
  Process* next;
  for (Process* child = process.first_child; child != nullptr; child = next) {
    next = child->next_sibling;
    if (child->parent_task != &task) continue;
    if (leaves) {
      unlink_child(*child);
      link_child(heir, *child);
      child->exit_signal = kSigChld;
      child->parent_execs = heir.process->execs;
      signals_.hang_up_orphans(*child, process, false);
    } else {
      --task.created;
      ++heir.created;
      child->parent_task = &heir;
    }
    board_.show_place(*child);
    if (!child->is_zombie()) {
      for_each_thread(*child, [&](Task& thread) {
        if (thread.death_signal == 0) return;
        (void)signals_.send(
            *child, nullptr,
            signals_.info_about(task, *child, thread.death_signal, kSiUser),
            pids_.is_outside(process, *child));
      });
    } else if (leaves && is_told_of(*child)) {
      notify_parent(*child);
    }
  }
}

// do_notify_parent(). A parent that ignores SIGCHLD gets no zombies.
void ProcessServer::notify_parent(Process& process) {
  if (process.has_pidfd) [[unlikely]]
    tell_pidfds(process);
  Process& parent = *process.parent;
  const SigAction& action = parent.handlers()->of(kSigChld);
  const i32 signal =
      process.parent_execs == parent.execs ? process.exit_signal : kSigChld;
  const bool reap_now =
      (signal == kSigChld && (action.handler == kHandlerIgnore ||
                              (action.flags & kSaNoCldWait) != 0)) ||
      (parent.is_unkillable && parent.is_exiting);
  if (signal >= 1 && signal <= kSignals &&
      !signals_.drops(parent, nullptr, signal, false)) {
    SigInfo info = signals_.info_about(*process.leader, parent, signal, 0);
    set_end(info, process.exit_status);
    (void)signals_.send(parent, nullptr, info);
  }
  signals_.hang_up_orphans(process, parent, true);
  if (reap_now) {
    release_process(process);
    wake_waiters(parent, nullptr);
  } else {
    wake_waiters(parent, &process);
  }
}

void ProcessServer::release_thread(Task& task) {
  board_.remove(task);
  unlink_thread(task);
  tasks_.release(task);
  if (pid_spaces_.has_emptied()) [[unlikely]]
    look_at_emptied();
}

void ProcessServer::release_process(Process& process) {
  unlink_child(process);
  tasks_.leave(process);
  release_thread(*process.leader);
  processes_.free(&process);
}

Outcome ProcessServer::sys_exit(const Call& call) {
  doom(call.task, status_of_exit(call.int_argument(0)));
  return withhold();
}

Outcome ProcessServer::sys_exit_group(const Call& call) {
  end_process(*call.task.process, status_of_exit(call.int_argument(0)));
  return withhold();
}

}  // namespace tine::process
