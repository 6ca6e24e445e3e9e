// The end of traced threads: the last stop before it, and what tracers learn
// that are not the parents. Such a thread stays a zombie until its tracer has
// waited for it, and only then hears the parent of the process.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

// PTRACE_O_TRACEEXIT: true if the thread, held by `token`, stands still before
// it ends with this status, which is the process's if all of that ends.
bool ProcessServer::stops_at_end(Task& task, u64 token, i32 status,
                                 bool ends_process) {
  Trace* trace = task.trace;
  if (trace == nullptr || (trace->options & kTraceExit) == 0) return false;
  Process& process = *task.process;
  if (ends_process && !process.is_exiting) {
    process.is_exiting = true;
    process.exit_status = status;
    for_each_thread(process, [&](Task& other) {
      if (&other != &task) doom(other, status);
    });
  }
  keep_ending(task, token, Ending::end(status));
  trace->message = static_cast<u32>(status);
  trace_stop(task, TraceStop::kEnd, kSigTrap | kEventExit << 8);
  return true;
}

// A single thread that stands still for its tracer says so before it ends.
void ProcessServer::kill_process(Process& process) {
  const i32 status = status_of_signal(kSigKill);
  Task& task = *process.leader;
  const Trace* trace = task.trace;
  const bool stands_still =
      trace != nullptr && process.live_threads == 1 && task.has_ending &&
      trace->stop != TraceStop::kNone && trace->stop != TraceStop::kEnd;
  if (stands_still && !process.is_exiting && !process.is_init() &&
      stops_at_end(task, task.token, status, true)) {
    return;
  }
  end_process(process, status);
}

// The thread has ended, and its tracer will be told: of the parent's own child
// by notify_parent().
void ProcessServer::end_traced(Task& task) {
  Trace& trace = *task.trace;
  if (task.is_leader() && trace.tracer == task.process->parent) {
    end_trace(trace);
    return;
  }
  trace.stop = TraceStop::kDead;
  trace.is_unreported = false;
}

void ProcessServer::tell_of_end(Trace& trace) {
  trace.is_unreported = true;
  SigInfo info = signals_.info_from(*trace.tracee, kSigChld, 0);
  info.pid = trace.tracee->tid.value;
  set_end(info, end_status(*trace.tracee));
  (void)signals_.send(*trace.tracer, nullptr, info);
  wake_waiters(*trace.tracer, nullptr);
}

i32 ProcessServer::end_status(const Task& task) {
  return task.is_leader() ? task.process->exit_status : task.status;
}

// The last thread has ended, and of the others none is a zombie: who hears?
void ProcessServer::tell_of_end(Process& process) {
  if (process.first_thread != process.last_thread) return;
  if (Trace* trace = process.leader->trace; trace != nullptr) {
    tell_of_end(*trace);
  } else {
    notify_parent(process);
  }
}

// Nobody waits for the dead thread as its tracer any more.
void ProcessServer::bury_traced(Trace& trace) {
  Task& task = *trace.tracee;
  Process& process = *task.process;
  end_trace(trace);
  if (&task != process.leader) {
    board_.bury(task);
    release_thread(task);
  }
  if (process.is_zombie()) tell_of_end(process);
}

// A wait of its tracer.
i64 ProcessServer::report_traced_end(Task& waiter, const WaitRequest& request,
                                     Trace& trace) {
  const Task& task = *trace.tracee;
  const i32 tid = task.tid.value;
  const i32 status = end_status(task);
  i64 error = 0;
  if (request.status != 0 && request.is_waitid) {
    SigInfo info = signals_.info_from(task, kSigChld, 0);
    info.pid = tid;
    set_end(info, status);
    error = write_child_info(waiter, request, info);
  } else if (request.status != 0) {
    error = user_.write(*waiter.mm, request.status, status);
  }
  if (error == 0 && request.usage != 0) {
    error = user_.write(*waiter.mm, request.usage,
                        rusage_of(task.process->usage, task.process->past_cpu));
  }
  if (error == -ENOMEM) return error;
  if ((request.options & kWaitNoWait) == 0) bury_traced(trace);
  if (error != 0) return -EFAULT;
  return request.is_waitid ? 0 : tid;
}

}  // namespace tine::process
