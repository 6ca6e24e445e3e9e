// Stopping and continuing processes, and how their parents hear of it.
//
// A stopped thread is one that is held here and not answered: in a wait of its
// own that goes on meanwhile, or with its answer kept.
#include "servers/linux_abi/errno.h"
#include "servers/process/signal/signals.h"

namespace tine::process {

using namespace linux_abi;

void Signals::stop_process(Process& process, i32 signal) {
  process.stop_state = StopState::kStopping;
  process.stop_signal = signal;
  for_each_thread(process, [&](Task& task) {
    if (task.trace != nullptr) task.trace->runs_stopped = false;
    waiting_.notice(task);
  });
}

void Signals::check_stopped(Process& process) {
  if (process.stop_state != StopState::kStopping ||
      process.parked_threads != process.live_threads) {
    return;
  }
  process.stop_state = StopState::kStopped;
  process.stop_unreported = true;
  process.continued = false;
  ++stopped_processes_;
  tell_parent(process, kCldStopped);
}

// By SIGCONT, whether it is blocked or not.
void Signals::continue_process(Process& process) {
  const StopState was = process.stop_state;
  if (was == StopState::kRunning) return;
  process.stop_state = StopState::kRunning;
  process.stop_unreported = false;
  process.continued = true;
  process.parked_threads = 0;
  if (was == StopState::kStopped) --stopped_processes_;
  for_each_thread(process, [&](Task& task) {
    if (task.is_parked) {
      board_.show_state(task, task.wait != Wait::kNone ? 'S' : 'R');
    }
    task.is_parked = false;
    waiting_.notice(task);
  });
  tell_parent(process,
              was == StopState::kStopped ? kCldContinued : kCldStopped);
}

void Signals::forget_stop(Process& process) {
  if (process.stop_state == StopState::kStopped) --stopped_processes_;
  process.stop_state = StopState::kRunning;
  process.stop_unreported = process.continued = false;
}

void Signals::tell_parent(Process& process, ChildCode code) {
  Process* parent = process.parent;
  if (parent == nullptr) return;
  const SigAction& action = parent->handlers()->of(kSigChld);
  if (action.handler != kHandlerIgnore && (action.flags & kSaNoCldStop) == 0) {
    SigInfo info = info_about(*process.leader, *parent, kSigChld, code);
    info.status = code == kCldContinued ? kSigCont : process.stop_signal;
    (void)send(*parent, nullptr, info);
  }
  targets_.wake_waiters(*parent, &process);
}

// Does nobody outside the group, but in its session, care for it: the parent of
// one of its members? `without` does not count as one (it ends).
bool Signals::is_orphaned(Pid group, const Process* without) const {
  for (const Task& task : tasks_) {
    if (task.state == TaskState::kFree || task.state == TaskState::kEmbryo ||
        !task.is_leader()) {
      continue;
    }
    const Process& process = *task.process;
    if (process.group != group || &process == without || process.is_zombie() ||
        process.parent == nullptr || process.parent->is_init()) {
      continue;
    }
    if (process.parent->group != group &&
        process.parent->session == process.session) {
      return false;
    }
  }
  return true;
}

// `process` ends, or its `old_parent` does: if nobody is left who could
// continue a stopped member of its group, all get SIGHUP and SIGCONT
// (kill_orphaned_pgrp; POSIX, Consequences of Process Termination).
void Signals::hang_up_orphans(Process& process, Process& old_parent,
                              bool ends) {
  if (stopped_processes_ == 0) [[likely]]
    return;
  if (old_parent.group == process.group ||
      old_parent.session != process.session ||
      !is_orphaned(process.group, ends ? &process : nullptr)) {
    return;
  }
  bool has_stopped = false;
  tasks_.for_each_member(process.group, [&](Process& member) {
    if (member.stop_state == StopState::kStopped) has_stopped = true;
  });
  if (!has_stopped) return;
  tasks_.for_each_member(process.group, [&](Process& member) {
    send_signal(member, kSigHup);
    send_signal(member, kSigCont);
  });
}

}  // namespace tine::process
