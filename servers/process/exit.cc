// The end of tasks. A handler only dooms a task; when it is done, all doomed
// tasks end one after the other, and one batch (or a few) carries it out: no
// recursion, however long the chain of signals from child to parent.
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

void ProcessServer::end_doomed() {
  while (doomed_ != nullptr) {
    Task& task = *doomed_;
    doomed_ = task.next_doomed;
    end_task(task);
  }
}

void ProcessServer::end_run(const Task& init) {
  const i32 signal = init.status & 0x7f;
  if (signal != 0) sys::log("process: process 1 was ended by a signal");
  defer(OpCode::kShutdown, kRunControl,
        static_cast<u64>(signal != 0 ? 128 + signal : init.status >> 8 & 0xff));
}

// mm_release(): the word that threads wait on, and the parent in vfork().
void ProcessServer::leave_mm(Task& task) {
  Mm& mm = *task.mm;
  if (task.clear_child_tid != 0 && mm.users > 1) {
    (void)write_user(mm, task.clear_child_tid, u32{0});
    futex_wake(&mm, task.clear_child_tid, false, ~u32{0}, 1);
  }
  task.clear_child_tid = 0;
  task.robust_list = 0;
  if (Task* parent = task.vfork_parent; parent != nullptr) {
    parent->vfork_child = nullptr;
    task.vfork_parent = nullptr;
    wake(*parent, task.pid.value);
  }
}

// The caller has made sure that no thread uses the space when what is deferred
// has run.
void ProcessServer::drop_mm(Mm& mm) {
  if (--mm.users != 0) return;
  memory_.require(1);
  memory_.write(RingOp::kMmDrop, mm.id);
  defer(OpCode::kHandleClose, mm.space);
  stop_executable(mm);
  mms_.release(mm);
}

void ProcessServer::end_task(Task& task) {
  clear_timer(task);
  task.wait = Wait::kNone;
  task.token = 0;
  if (task.pid == kInitPid) {
    end_run(task);
    return;
  }
  leave_mm(task);
  if (task.vfork_child != nullptr) {
    task.vfork_child->vfork_parent = nullptr;
    task.vfork_child = nullptr;
  }
  defer(OpCode::kThreadKill, thread_handle(task));
  if (task.mm->users == 1) measure(task);
  drop_mm(*task.mm);
  task.mm = nullptr;
  files_.require(1);
  files_.write(RingOp::kFilesDrop, task.cookie());
  drop_handlers(task.handlers);
  task.handlers = nullptr;
  task.state = TaskState::kZombie;
  reparent_children(task);
  notify_parent(task);
}

// To the nearest ancestor that asked for it, else to process 1.
void ProcessServer::reparent_children(Task& task) {
  if (task.first_child == nullptr) return;
  Task* reaper = task.parent;
  while (reaper->pid != kInitPid && !reaper->is_subreaper) {
    reaper = reaper->parent;
  }
  while (Task* child = task.first_child) {
    unlink_child(*child);
    link_child(*reaper, *child);
    child->exit_signal = kSigChld;
    if (child->state == TaskState::kZombie) {
      notify_parent(*child);
    } else if (child->death_signal != 0) {
      send_signal(*child, child->death_signal);
    }
  }
}

// do_notify_parent(). A parent that ignores SIGCHLD gets no zombies.
void ProcessServer::notify_parent(Task& task) {
  Task& parent = *task.parent;
  const SigAction& action = parent.handlers->of(kSigChld);
  const bool reap_now =
      task.exit_signal == kSigChld &&
      (action.handler == kHandlerIgnore || (action.flags & kSaNoCldWait) != 0);
  if (task.exit_signal >= 1 && task.exit_signal <= kSignals) {
    send_signal(parent, task.exit_signal);
  }
  const WaitRequest& request = parent.wait_request;
  if (!reap_now) {
    if (parent.wait == Wait::kChild && is_eligible(parent, request, task) &&
        is_reportable(request, task)) {
      wake(parent, report_child(parent, request, task));
    }
    return;
  }
  release_task(task);
  // It may have been the last that the parent could wait for.
  i64 result;
  if (parent.wait == Wait::kChild && try_wait(parent, request, &result)) {
    wake(parent, result);
  }
}

void ProcessServer::release_task(Task& task) {
  unlink_child(task);
  tasks_.leave(task);
  tasks_.release(task);
}

Outcome ProcessServer::sys_exit(const Call& call) {
  doom(call.task, status_of_exit(call.int_argument(0)));
  return withhold();
}

// The same, as long as a process has one thread.
Outcome ProcessServer::sys_exit_group(const Call& call) {
  return sys_exit(call);
}

}  // namespace tine::process
