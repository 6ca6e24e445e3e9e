// Who traces whom: beginning and end.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// 0 or a negated errno.
i64 ProcessServer::begin_trace(Task& task, Process& tracer, u32 options,
                               bool seizes) {
  Trace* trace = traces_.make();
  if (trace == nullptr) return -ENOMEM;
  trace->tracee = &task;
  trace->tracer = &tracer;
  trace->options = options;
  trace->is_seized = seizes;
  trace->next = tracer.traces;
  tracer.traces = trace;
  task.trace = trace;
  board_.show_tracer(task, tracer.pid);
  watch(task);
  return 0;
}

// The thread goes on as nobody's, if it is not about to end.
void ProcessServer::end_trace(Trace& trace) {
  Task& task = *trace.tracee;
  take_back_result(task);
  // The call that the tracer wanted to carry out itself is not made.
  if (trace.stop == TraceStop::kCallEntry && trace.is_emulated) {
    task.ending = Ending::result(trace.skipped_result);
  }
  Trace** at = &trace.tracer->traces;
  while (*at != &trace) at = &(*at)->next;
  *at = trace.next;
  task.trace = nullptr;
  board_.show_tracer(task, {});
  const TraceStop stop = trace.stop;
  if (trace.is_stepping && task.token != 0) {
    (void)set_stepping(kNoHandle, task.token, false);
  }
  traces_.free(&trace);
  if (stop == TraceStop::kEnd) {
    doom(task, static_cast<i32>(task.ending.value));
  } else if (stop != TraceStop::kNone && task.state == TaskState::kLive) {
    show_going_on(task);
    waiting_.notice(task);
  }
}

void ProcessServer::show_going_on(const Task& task) {
  board_.show_state(task, task.wait != Wait::kNone ? 'S' : 'R');
}

// A tracer ends.
void ProcessServer::end_traces_of(Process& tracer) {
  while (tracer.traces != nullptr) {
    Trace& trace = *tracer.traces;
    Task& task = *trace.tracee;
    const bool kills = (trace.options & kTraceExitKill) != 0;
    if (trace.stop == TraceStop::kDead) {
      bury_traced(trace);
      continue;
    }
    end_trace(trace);
    if (kills && !task.process->is_init())
      end_process(*task.process, status_of_signal(kSigKill));
  }
}

i64 ProcessServer::trace_me(Task& task) {
  if (task.trace != nullptr || task.process->parent == nullptr) return -EPERM;
  return begin_trace(task, *task.process->parent, 0, false);
}

i64 ProcessServer::attach(Task& by, Task& task, u32 options, bool seizes) {
  if (by.process == task.process || task.trace != nullptr ||
      !may_access(by, task)) {
    return -EPERM;
  }
  if (task.state != TaskState::kLive) return -EPERM;
  const i64 error = begin_trace(task, *by.process, options, seizes);
  if (error != 0) return error;
  // It comes to stand still as its tracer is told of the signal.
  if (!seizes) {
    (void)signals_.send(*task.process, &task,
                        {.signal = kSigStop, .code = kSiUser}, true);
  }
  // Stopped already, it stands still as its tracer's from now on.
  if (task.process->stop_state == StopState::kStopped) waiting_.notice(task);
  return 0;
}

namespace {

// Of the clone that `parent` makes: whether its tracer wants to know of it, and
// as what event.
i32 clone_event(const Task& parent, u64 flags, i32 exit_signal) {
  if (parent.trace == nullptr || (flags & kCloneUntraced) != 0) return 0;
  const u32 options = parent.trace->options;
  if ((flags & kCloneVfork) != 0) {
    return (options & kTraceVfork) != 0 ? kEventVfork : 0;
  }
  if (exit_signal != kSigChld) {
    return (options & kTraceClone) != 0 ? kEventClone : 0;
  }
  return (options & kTraceFork) != 0 ? kEventFork : 0;
}

}  // namespace

// The child of a traced thread has been made, but does not run yet: it is
// traced, too, and begins by standing still.
void ProcessServer::trace_child(Task& parent, Task& child) {
  const Trace& trace = *parent.trace;
  if (begin_trace(child, *trace.tracer, trace.options, trace.is_seized) != 0) {
    return;  // no memory: it runs on its own
  }
  if (trace.is_seized) {
    child.trace->stop_is_due = true;
  } else {
    child.pending.set |= signal_bit(kSigStop);
  }
}

// The clone of a traced thread is about to be committed. True: the thread is
// not answered by the commit, because it stands still first. The child, once
// published, is to be interrupted: its message also brings about what is to be
// done with the parent, and the tracer hears then (tell_of_traced_clone()).
bool ProcessServer::trace_clone(const Call& call, const CloneRequest& request,
                                Task& child) {
  Task& parent = call.task;
  Trace& trace = *parent.trace;
  const i32 event = clone_event(parent, request.flags, request.exit_signal);
  if (event != 0 || (request.flags & kClonePtrace) != 0) {
    trace_child(parent, child);
  }
  const bool is_vfork = (request.flags & kCloneVfork) != 0;
  trace.vfork_done_is_due = is_vfork && (trace.options & kTraceVforkDone) != 0;
  if (event == 0 && !trace.exit_is_due) return false;
  if (!is_vfork) {
    keep_ending(parent, call.token,
                Ending::result(pids_.seen_by(parent, child.tid)));
    waiting_.notice(parent);
  }
  if (event != 0) {
    trace.message = static_cast<u64>(pids_.seen_by(*trace.tracer, child.tid));
    begin_trace_stop(trace, TraceStop::kEvent, kSigTrap | event << 8);
  }
  return true;
}

// After an exec that succeeded, by the thread that had this number before: now
// it has its leader's.
void ProcessServer::trace_exec(Task& task, Pid old_tid) {
  Trace& trace = *task.trace;
  if ((trace.options & kTraceExec) != 0) {
    trace.message = static_cast<u64>(pids_.seen_by(*trace.tracer, old_tid));
    trace_stop(task, TraceStop::kEvent, kSigTrap | kEventExec << 8);
  } else if (!trace.is_seized) {
    (void)signals_.send(*task.process, &task,
                        signals_.info_from(task, kSigTrap, kSiUser));
  }
  waiting_.notice(task);
}

}  // namespace tine::process
