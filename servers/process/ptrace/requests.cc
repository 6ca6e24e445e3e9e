// ptrace(): what a tracer asks for.
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u32 kKnownOptions = kTraceSysGood | kTraceFork | kTraceVfork |
                              kTraceClone | kTraceExec | kTraceVforkDone |
                              kTraceExit | kTraceSeccomp | kTraceExitKill;

// Whether a signal that comes with the request to go on is sent to the thread:
// at the ends of calls. Where a signal was about to be delivered it takes that
// one's place.
bool takes_signal(const Trace& trace) {
  return trace.stop == TraceStop::kSignal ||
         trace.stop == TraceStop::kCallEntry ||
         trace.stop == TraceStop::kCallExit;
}

// In a call, of which an event is told: its end is yet to come.
bool is_in_call(const Trace& trace) {
  if (trace.stop != TraceStop::kEvent) return false;
  switch (trace.code >> 8) {
    case kEventFork:
    case kEventVfork:
    case kEventClone:
    case kEventVforkDone:
    case kEventExec:
      return true;
    default:
      return false;
  }
}

}  // namespace

// ---- going on --------------------------------------------------------------
i64 ProcessServer::go_on(Task& task, u32 request, u64 signal) {
  if (signal > static_cast<u64>(kSignals)) return -EIO;
  const bool steps = request == kPtraceSingleStep ||
                     request == kPtraceSysEmuSingleStep ||
                     request == kPtraceSingleBlock;
  Trace& trace = *task.trace;
  const auto number = static_cast<i32>(signal);
  if (trace.stop == TraceStop::kSignal) {
    trace.has_verdict = true;
    trace.verdict = number;
  } else if (number != 0 && takes_signal(trace)) {
    (void)signals_.send(*task.process, &task,
                        {.signal = number, .code = kSiUser});
  }
  take_back_result(task);
  if (is_in_call(trace)) {
    trace.exit_is_due =
        request == kPtraceSyscall || (kStepsEndWithCalls && steps);
  }
  const bool filters = trace.stop == TraceStop::kFilter;
  trace.is_reentering = filters || trace.stop == TraceStop::kCallEntry;
  if ((steps || trace.is_stepping) && task.token != 0) {
    // The call is made again, and its end is the step's.
    const bool traps = steps && !(kStepsEndWithCalls && trace.is_reentering);
    trace.is_stepping = set_stepping(kNoHandle, task.token, traps) && steps;
  }
  trace.passes_filter = filters;
  trace.stops_at_calls = request == kPtraceSyscall;
  trace.emulates_calls =
      request == kPtraceSysEmu || request == kPtraceSysEmuSingleStep;
  trace.is_listening = false;
  trace.stop = TraceStop::kNone;
  trace.is_unreported = false;
  show_going_on(task);
  waiting_.notice(task);
  return 0;
}

i64 ProcessServer::detach(Task& task, u64 signal) {
  if (signal > static_cast<u64>(kSignals)) return -EIO;
  Trace& trace = *task.trace;
  const auto number = static_cast<i32>(signal);
  const bool sends = number != 0 && takes_signal(trace);
  end_trace(trace);
  if (sends) {
    (void)signals_.send(*task.process, &task,
                        {.signal = number, .code = kSiUser});
  }
  return 0;
}

// ---- requests -------------------------------------------------------------
i64 ProcessServer::trace_request(const Call& call, u32 request, Task& task) {
  Trace& trace = *task.trace;
  const u64 data = call.argument(3);
  switch (request) {
    case kPtracePeekText:
    case kPtracePeekData:
      return traced_.peek(call, task);
    case kPtracePokeText:
    case kPtracePokeData:
      return traced_.poke(call, task);
    case kPtracePeekUser:
      return traced_.user_area(call, task, false);
    case kPtracePokeUser:
      return traced_.user_area(call, task, true);
    case kPtraceGetRegs:
    case kPtraceSetRegs:
      return traced_.all_registers(call, task, kNtPrStatus,
                                   request == kPtraceSetRegs);
    case kPtraceGetFpRegs:
    case kPtraceSetFpRegs:
      return traced_.all_registers(call, task, kNtFpRegisters,
                                   request == kPtraceSetFpRegs);
    case kPtraceGetRegSet:
    case kPtraceSetRegSet:
      return traced_.register_set(call, task, request == kPtraceSetRegSet);
    case kPtraceCont:
    case kPtraceSyscall:
    case kPtraceSingleStep:
    case kPtraceSysEmu:
    case kPtraceSysEmuSingleStep:
      return go_on(task, request, data);
    case kPtraceSingleBlock:
      // Where the CPU cannot do more, a block is an instruction.
      return kHasBlockStep ? go_on(task, request, data) : -EIO;
    case kPtraceArchPrctl:
      return traced_.segment_base(call, task);
    case kPtraceDetach:
      return detach(task, data);
    case kPtraceOldSetOptions:
      if (!kHasUserArea) return -EIO;
      [[fallthrough]];
    case kPtraceSetOptions:
      if ((data & ~u64{kKnownOptions}) != 0) return -EINVAL;
      trace.options = static_cast<u32>(data);
      return 0;
    case kPtraceGetEventMsg:
      return user_.write(*call.task.mm, data, trace.message);
    case kPtraceGetSigInfo:
      if (trace.stop == TraceStop::kGroup) return -EINVAL;
      return user_.write(*call.task.mm, data, trace.info);
    case kPtraceSetSigInfo: {
      if (trace.stop == TraceStop::kGroup) return -EINVAL;
      SigInfo info;
      if (user_.read(*call.task.mm, data, info) != 0) return -EFAULT;
      trace.info = info;
      return 0;
    }
    case kPtracePeekSigInfo:
      return traced_.peek_signals(call, task);
    case kPtraceGetSigMask:
    case kPtraceSetSigMask:
      return signal_mask(call, task, request == kPtraceSetSigMask);
    case kPtraceGetSyscallInfo:
      return traced_.syscall_stop_info(call, task);
    case kPtraceListen:
      return listen(task);
    case kPtraceGetFilter:
    case kPtraceGetFilterMetadata:
      return -EINVAL;  // as without checkpoints
    default:
      return -EIO;
  }
}

// ---- signals ---------------------------------------------------------------
// The mask that the thread has when it does not wait with another.
i64 ProcessServer::signal_mask(const Call& call, Task& task, bool sets) {
  if (call.argument(2) != sizeof(u64)) return -EINVAL;
  if (!sets) {
    return user_.write(
        *call.task.mm, call.argument(3),
        task.has_saved_mask ? task.saved_mask : task.inherited.blocked);
  }
  u64 mask;
  if (const i64 error =
          read_signal_set(call, call.argument(3), sizeof(u64), &mask);
      error != 0) {
    return error;
  }
  signals_.set_blocked(task, mask);
  return 0;
}

// A seized thread that stands still with its process stays so, and its tracer
// hears when that is over.
i64 ProcessServer::listen(Task& task) {
  Trace& trace = *task.trace;
  if (!trace.is_seized || trace.code >> 8 != kEventStop) return -EIO;
  trace.stop = TraceStop::kNone;
  trace.is_listening = true;
  trace.is_unreported = false;
  show_going_on(task);
  waiting_.notice(task);
  return 0;
}

// ---- the call --------------------------------------------------------------
Outcome ProcessServer::sys_ptrace(const Call& call) {
  const u32 request = call.uint_argument(0);
  if (request == kPtraceTraceMe) return call.result(trace_me(call.task));
  Task* task = pids_.find(call.task, call.int_argument(1));
  if (task == nullptr) return call.result(-ESRCH);
  if (request == kPtraceAttach) {
    return call.result(attach(call.task, *task, 0, false));
  }
  if (request == kPtraceSeize) {
    const u64 options = call.argument(3);
    constexpr u64 kPossible = u64{kKnownOptions} | kTraceSuspendSeccomp;
    if (call.argument(2) != 0 || (options & ~kPossible) != 0) {
      return call.result(-EIO);
    }
    if ((options & kTraceSuspendSeccomp) != 0) return call.result(-EINVAL);
    return call.result(
        attach(call.task, *task, static_cast<u32>(options), true));
  }
  const Trace* trace = task->trace;
  if (trace == nullptr || trace->tracer != call.task.process) {
    return call.result(-ESRCH);
  }
  if (request == kPtraceKill) {
    if (!task->process->is_init()) {
      kill_process(*task->process);
    }
    return call.result(0);
  }
  if (request == kPtraceInterrupt) {
    if (!trace->is_seized) return call.result(-EIO);
    if (trace->stop == TraceStop::kNone) {
      task->trace->stop_is_due = true;
      waiting_.notice(*task);
    }
    return call.result(0);
  }
  // All others are for a thread that stands still.
  if (trace->stop == TraceStop::kNone || trace->stop == TraceStop::kDead) {
    return call.result(-ESRCH);
  }
  return call.result(trace_request(call, request, *task));
}

}  // namespace tine::process
