// System calls of threads that are watched: filtered or traced ones. All of
// them come here first, by a route of their own; those that another server
// carries out are passed on.
#include "arch/hw/trap_frame.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/handles.h"
#include "servers/process/process_server.h"
#include "servers/protocol/forward.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

namespace {

struct Routes {
  Route of[kSyscallNumbers] = {};
};

constexpr Routes make_routes() {
  Routes routes;
  for (const SyscallInfo& call : kSyscallTable) {
    const u32 number = static_cast<u32>(call.number);
    if (number < kSyscallNumbers) routes.of[number] = call.route;
  }
  return routes;
}
constinit const Routes kRoutes = make_routes();

}  // namespace

// From its next call on.
void ProcessServer::watch(Task& task) {
  if (task.inherited.is_watched) return;
  task.inherited.is_watched = true;
  deferred_.add(OpCode::kThreadRoute, thread_handle(task), 0,
                kWatchedRouteHandle);
}

// Of whoever carries the call out.
Outcome ProcessServer::pass_on(Task& task, const sys::Message& in) {
  const u64 number = in.words[7];
  const Route route =
      number < kSyscallNumbers ? kRoutes.of[number] : Route::kProcess;
  if (task.trace != nullptr && stops_before_end(task, in)) [[unlikely]]
    return withhold();
  if (route == Route::kProcess) return own_call(task, in);
  const bool returns =
      (task.trace != nullptr && task.trace->exit_is_due) || sys::traces_calls;
  const u16 label = returns ? kForwardedCallReturn : kForwardedCall;
  const Handle server = route == Route::kVfs ? kCallVfs : kCallMemory;
  const sys::BatchResult passed = sys::run(
      {OpCode::kForward, kNoHandle, in.token, server, label, in.words[0]});
  // Stale: the thread was killed meanwhile.
  static_cast<void>(passed);
  return withhold();
}

bool ProcessServer::stops_before_end(Task& task, const sys::Message& in) {
  const auto number = static_cast<Nr>(in.words[7]);
  if (number != Nr::kExit && number != Nr::kExitGroup) return false;
  return stops_at_end(task, in.token,
                      status_of_exit(static_cast<i32>(in.words[0])),
                      number == Nr::kExitGroup);
}

// Of a traced thread: true if it stands still before the call. Else the call
// begins, and may end with a stop.
bool ProcessServer::stops_at_entry(Task& task, const sys::Message& in) {
  Trace& trace = *task.trace;
  trace.exit_is_due = false;
  trace.call = in.words[7];
  if (!trace.is_reentering) trace.passes_filter = false;
  if ((trace.stops_at_calls || trace.emulates_calls) && !trace.is_reentering) {
    trace.is_emulated = trace.emulates_calls;
    trace.skipped_result = skipped_result(in.words[7], in.words[0]);
    // When it goes on it makes the call again, perhaps another one.
    keep_ending(task, in.token, Ending::restart());
    trace.message = 1;  // PTRACE_EVENTMSG_SYSCALL_ENTRY
    trace_stop(task, TraceStop::kCallEntry, call_stop_code(trace));
    return true;
  }
  // What came while it stood at the entry is taken from within the call.
  const bool has_waited = trace.is_reentering && has_work(task);
  trace.is_reentering = false;
  trace.exit_is_due =
      trace.stops_at_calls || (kStepsEndWithCalls && trace.is_stepping);
  if (trace.exit_is_due || has_waited) waiting_.notice(task);
  return false;
}

// With tine.trace=calls: it goes on with its program.
void ProcessServer::leave_call(Task& task) {
  if (!task.is_in_call) return;
  task.is_in_call = false;
  sys::trace(TraceStep::kCallLeft, static_cast<u64>(task.tid.value));
}

// The same of the one whose message `outcome` answers.
void ProcessServer::leave_answered(const sys::Message& in,
                                   const Outcome& outcome) {
  if (outcome.token == 0 || outcome.kind == Outcome::Kind::kWithhold ||
      tag_flags(outcome.message.tag) == kReplyRaise) {
    return;
  }
  Task* task = tasks_.find_cookie(in.target);
  if (task != nullptr && task->state == TaskState::kLive) leave_call(*task);
}

Outcome ProcessServer::watched_call(Task& task, const sys::Message& in) {
  if (!sys::traces_calls) [[likely]]
    return traced_or_not(task, in);
  task.is_in_call = true;
  sys::trace(TraceStep::kCallEntered,
             in.words[7] << 32 | static_cast<u64>(task.tid.value));
  const Outcome outcome = traced_or_not(task, in);
  leave_answered(in, outcome);
  return outcome;
}

// Its tracer has seen its entry, and wants to carry it out itself.
bool ProcessServer::leaves_call_out(Trace& trace, const sys::Message& in) {
  const bool is_emulated = trace.is_emulated;
  trace.is_emulated = false;
  return is_emulated || static_cast<i32>(in.words[7]) == -1;
}

Outcome ProcessServer::traced_or_not(Task& task, const sys::Message& in) {
  if (task.trace == nullptr) [[likely]]
    return filtered_or_not(task, in);
  Outcome outcome;
  const bool goes_on = task.trace->is_reentering;
  if (!stops_at_entry(task, in)) {
    outcome = goes_on && leaves_call_out(*task.trace, in)
                  ? answer_result(in.token, task.trace->skipped_result)
                  : filtered_or_not(task, in);
  }
  if (outcome.kind != Outcome::Kind::kCommit && has_unfinished()) {
    finish(in, outcome);
  }
  return outcome;
}

Outcome ProcessServer::filtered_or_not(Task& task, const sys::Message& in) {
  switch (task.inherited.seccomp_mode) {
    case kSeccompOff:
      return pass_on(task, in);
    case kSeccompStrict:
      return strict_call(task, in);
    default:
      return filtered_call(task, in);
  }
}

Outcome ProcessServer::strict_call(Task& task, const sys::Message& in) {
  switch (static_cast<Nr>(in.words[7])) {
    case Nr::kRead:
    case Nr::kWrite:
    case Nr::kExit:
    case Nr::kRtSigreturn:
      return pass_on(task, in);
    default:
      break;
  }
  doom(task, status_of_signal(kSigKill));
  Outcome outcome = withhold();
  finish(in, outcome);
  return outcome;
}

u64 ProcessServer::pc_of(u64 token) {
  if (sys::run({OpCode::kThreadRegisters, kNoHandle, token,
                static_cast<u64>(RegistersAction::kGet)})
          .status != Status::kOk) {
    return 0;
  }
  return reinterpret_cast<const hw::TrapFrame*>(sys::utcb().registers)->pc;
}

Outcome ProcessServer::filtered_call(Task& task, const sys::Message& in) {
  const SeccompFilter* filter = task.inherited.filter;
  SeccompData data{static_cast<u32>(in.words[7]), kAuditArch, 0, {}};
  bool reads_pc = false;
  for (const SeccompFilter* each = filter; each != nullptr;
       each = each->previous) {
    reads_pc = reads_pc || each->reads_pc;
  }
  if (reads_pc) data.pc = pc_of(in.token);
  for (unsigned i = 0; i < 6; ++i) data.arguments[i] = in.words[i];
  const u32 answer = run_filters(filter, data);
  const auto value = static_cast<i32>(answer & kSeccompDataMask);
  Outcome outcome;
  switch (answer & kSeccompActionMask) {
    case kSeccompAllow:
    case kSeccompLogged:
      return pass_on(task, in);
    case kSeccompErrno:
      outcome = answer_result(in.token,
                              -i64{value < kMostErrno ? value : kMostErrno});
      break;
    case kSeccompTrap:
      outcome = trap_filtered(task, in, value);
      break;
    case kSeccompTrace:
      if (Trace* trace = task.trace;
          trace != nullptr && (trace->options & kTraceSeccomp) != 0) {
        // Seen already, the call is let through.
        if (trace->passes_filter) return pass_on(task, in);
        trace->message = static_cast<u64>(value);
        trace->skipped_result = skipped_result(in.words[7], in.words[0]);
        keep_ending(task, in.token, Ending::restart());
        trace_stop(task, TraceStop::kFilter, kSigTrap | kEventSeccomp << 8);
        break;
      }
      [[fallthrough]];    // nobody traces
    case kSeccompNotify:  // nobody listens
      outcome = answer_result(in.token, -ENOSYS);
      break;
    case kSeccompKillThread:
      if (task.process->live_threads > 1) {
        doom(task, status_of_signal(kSigSys));
        outcome = withhold();
        break;
      }
      [[fallthrough]];
    default:
      end_process(*task.process, status_of_signal(kSigSys));
      outcome = withhold();
      break;
  }
  if (has_unfinished()) finish(in, outcome);
  return outcome;
}

// The registers stay as the call left them: the handler may write a result.
Outcome ProcessServer::trap_filtered(Task& task, const sys::Message& in,
                                     i32 value) {
  SigInfo info{.signal = kSigSys, .error = value, .code = kSysSeccomp};
  info.set_address(pc_of(in.token));
  info.status = static_cast<i32>(in.words[7]);
  info.upper = static_cast<i32>(kAuditArch);
  return force(task, in.token, info);
}

}  // namespace tine::process
