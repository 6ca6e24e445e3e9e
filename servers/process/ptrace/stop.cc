// Stops of traced threads, and what a wait of their tracer gets to see.
//
// A thread that stands still for its tracer is held here with its answer kept,
// as one that a stop signal holds (park()).
#include "arch/hw/trap_frame.h"
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/process_server.h"
#include "servers/process/signal/held_registers.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// Whether the call is to be made again, and has no result yet.
bool is_restart(i64 result) {
  return result == -ERESTARTSYS || result == -ERESTARTNOINTR ||
         result == -ERESTARTNOHAND || result == -ERESTART_RESTARTBLOCK;
}

}  // namespace

void ProcessServer::keep_ending(Task& task, u64 token, Ending ending) {
  if (ending.kind == Ending::Kind::kWaiting) {
    if (task.wait == Wait::kVfork) return;  // it waits on meanwhile
    ending = Ending::result(interrupt_wait(task));
  }
  task.token = token;
  task.ending = ending;
  task.has_ending = true;
}

void ProcessServer::begin_trace_stop(Trace& trace, TraceStop stop, i32 code) {
  trace.stop = stop;
  trace.code = code;
  trace.is_unreported = true;
  trace.has_verdict = false;
  if (stop != TraceStop::kSignal) {
    const bool is_stop_signal = code >> 8 == kEventStop;
    trace.info = {.signal = is_stop_signal ? code & 0x7f : i32{kSigTrap},
                  .code = code};
    trace.info.pid = pids_.own_tid(*trace.tracee);
  }
}

void ProcessServer::trace_stop(Task& task, TraceStop stop, i32 code) {
  begin_trace_stop(*task.trace, stop, code);
  tell_tracer(*task.trace);
}

// A tracer hears of a clone only when its commit has succeeded, which the next
// message of whatever kind says.
void ProcessServer::tell_of_traced_clone() {
  Task* task = cloning_traced_;
  cloning_traced_ = nullptr;
  if (task == nullptr || task->trace == nullptr) return;
  if (task->trace->is_unreported) tell_tracer(*task->trace);
}

void ProcessServer::tell_tracer(Trace& trace) {
  board_.show_state(*trace.tracee, 't');
  Process& tracer = *trace.tracer;
  const SigAction& action = tracer.handlers()->of(kSigChld);
  if (action.handler != kHandlerIgnore && (action.flags & kSaNoCldStop) == 0) {
    SigInfo info =
        signals_.info_about(*trace.tracee, tracer, kSigChld, kCldTrapped);
    info.pid = pids_.seen_by(tracer, trace.tracee->tid);
    info.status = trace.code & 0x7f;
    (void)signals_.send(tracer, nullptr, info);
  }
  wake_waiters(tracer, nullptr);
}

// Before a held thread goes on: whether it stands still for its tracer instead.
bool ProcessServer::stops_for_tracer(Task& task, u64 token, Ending& ending) {
  Trace& trace = *task.trace;
  const bool waits = ending.kind == Ending::Kind::kWaiting;
  if (trace.stop != TraceStop::kNone) {
    keep_ending(task, token, ending);
    return true;
  }
  if (ending.kind == Ending::Kind::kEnd) {
    doom(task, static_cast<i32>(ending.value));
    return true;
  }
  if (trace.vfork_done_is_due && !waits) {
    trace.vfork_done_is_due = false;
    keep_ending(task, token, ending);
    trace_stop(task, TraceStop::kEvent, kSigTrap | kEventVforkDone << 8);
    return true;
  }
  if (trace.exit_is_due && !waits) {
    trace.exit_is_due = false;
    // The tracer sees the result, and may put another in its place. What is
    // to be made again looks like a result, too (take_back_result()).
    const bool is_shown = ending.kind == Ending::Kind::kResult &&
                          (trace.stops_at_calls || !is_restart(ending.value));
    if (is_shown && move_registers(token, RegistersAction::kGet)) {
      hw::TrapFrame& frame = frame_of(sys::utcb());
      trace.kept_result = call_result(frame);
      hw::set_result(frame, static_cast<u64>(ending.value));
      (void)move_registers(token, RegistersAction::kSet);
      if (!is_restart(ending.value)) ending = Ending::resume();
    }
    keep_ending(task, token, ending);
    if (!trace.stops_at_calls) {
      trace.info = {.signal = kSigTrap, .code = kTrapBreakpoint};
      trace_stop(task, TraceStop::kSignal, kSigTrap);
      return true;
    }
    trace.message = 2;  // PTRACE_EVENTMSG_SYSCALL_EXIT
    trace_stop(task, TraceStop::kCallExit, call_stop_code(trace));
    return true;
  }
  const bool is_stopped = task.process->stop_state != StopState::kRunning;
  if (!is_stopped) trace.runs_stopped = false;
  if (trace.stop_is_due) {
    trace.stop_is_due = trace.is_listening = false;
    keep_ending(task, token, ending);
    trace_stop(task, TraceStop::kEvent,
               (is_stopped ? task.process->stop_signal : i32{kSigTrap}) |
                   kEventStop << 8);
    return true;
  }
  // It was in no stop of its process: signals do not make it go on.
  if (trace.is_listening && !is_stopped) {
    keep_ending(task, token, ending);
    return true;
  }
  return false;
}

// Its process is stopped. True: so is the thread; its tracer hears of that,
// unless it only listens, and may let it go on nevertheless.
bool ProcessServer::stops_with_process(Task& task, u64 token, Ending ending) {
  Trace* trace = task.trace;
  if (trace != nullptr && !trace->is_listening) {
    if (trace->runs_stopped) return false;
    trace->runs_stopped = true;  // once its tracer says so
    keep_ending(task, token, ending);
    if (task.has_ending) ending = task.ending;
    park(task, token, ending);
    const i32 signal = task.process->stop_signal;
    if (trace->is_seized) {
      trace_stop(task, TraceStop::kEvent, signal | kEventStop << 8);
    } else {
      trace_stop(task, TraceStop::kGroup, signal);
    }
    return true;
  }
  park(task, token, ending);
  return true;
}

// A thread goes on from the stop at the end of a call that is to be made again:
// with the register that its result was shown in, unless the tracer has put a
// result of its own there.
void ProcessServer::take_back_result(Task& task) {
  if (task.trace->stop != TraceStop::kCallExit || !task.has_ending ||
      task.ending.kind != Ending::Kind::kResult ||
      !move_registers(task.token, RegistersAction::kGet)) {
    return;
  }
  hw::TrapFrame& frame = frame_of(sys::utcb());
  if (call_result(frame) != static_cast<u64>(task.ending.value)) {
    task.ending = Ending::resume();
    return;
  }
  hw::set_result(frame, task.trace->kept_result);
  (void)move_registers(task.token, RegistersAction::kSet);
}

i32 ProcessServer::call_stop_code(const Trace& trace) {
  return kSigTrap | ((trace.options & kTraceSysGood) != 0 ? kSysGoodBit : 0);
}

// Whether the tracer decides about the signal that was taken. It may have
// already: then `signal` becomes what it said.
bool ProcessServer::asks_tracer(Task& task, u64 token, Ending ending,
                                const SigInfo& info) {
  if (info.signal == kSigKill) return false;
  task.trace->info = info;
  keep_ending(task, token, ending);
  trace_stop(task, TraceStop::kSignal, info.signal);
  return true;
}

// The next signal, as its tracer has decided. False: it has not decided on any.
bool ProcessServer::take_verdict(Task& task, SigInfo& info, i32* signal) {
  Trace& trace = *task.trace;
  if (!trace.has_verdict) return false;
  trace.has_verdict = false;
  *signal = trace.verdict;
  info = trace.info;
  if (info.signal != trace.verdict) {
    info = {.signal = trace.verdict, .code = kSiUser};
  }
  return trace.verdict != 0;
}

namespace {

bool is_awaited(const WaitRequest& request, const Trace& trace) {
  const Task& task = *trace.tracee;
  if (request.kind == kIdPid) return task.tid == request.id;
  return request.kind != kIdGroup || task.process->group == request.id;
}

}  // namespace

i64 ProcessServer::report_trace(Task& waiter, const WaitRequest& request,
                                Trace& trace) {
  const Task& task = *trace.tracee;
  const i32 status = trace.code << 8 | 0x7f;
  i64 error = 0;
  if (request.status != 0) {
    if (request.is_waitid) {
      SigInfo info =
          signals_.info_about(task, *waiter.process, kSigChld, kCldTrapped);
      info.pid = pids_.seen_by(waiter, task.tid);
      info.status = trace.code;
      error = user_.write(*waiter.mm, request.status, info);
    } else {
      error = user_.write(*waiter.mm, request.status, status);
    }
  }
  if (error == 0 && request.usage != 0) {
    error = user_.write(
        *waiter.mm, request.usage,
        rusage_of(task.process->usage, clocks_.usage(*task.process)));
  }
  if (error == -ENOMEM) return error;
  if ((request.options & kWaitNoWait) == 0) trace.is_unreported = false;
  if (error != 0) return -EFAULT;
  return request.is_waitid ? 0 : pids_.seen_by(waiter, task.tid);
}

// The tracer's part of try_wait(). True: `result` is there.
bool ProcessServer::try_wait_traced(Task& waiter, const WaitRequest& request,
                                    bool* has_candidate, i64* result) {
  for (Trace* trace = waiter.process->traces; trace != nullptr;
       trace = trace->next) {
    if (!is_awaited(request, *trace)) continue;
    *has_candidate = true;
    if (!trace->is_unreported) continue;
    if (trace->stop != TraceStop::kDead) {
      *result = report_trace(waiter, request, *trace);
      return true;
    }
    if (request.is_waitid && (request.options & kWaitExited) == 0) continue;
    *result = report_traced_end(waiter, request, *trace);
    return true;
  }
  return false;
}

}  // namespace tine::process
