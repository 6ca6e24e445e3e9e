// What a thread does before it goes on with its program: takes its signals,
// stops, ends, or runs handlers. The thread is held here, by `token`.
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

bool is_reentering(const Task& task) {
  return task.trace != nullptr && task.trace->is_reentering;
}

}  // namespace

Outcome ProcessServer::deliver(Task& task, u64 token, Ending ending) {
  Process& process = *task.process;
  for (;;) {
    if (task.is_doomed) return withhold();
    // The call whose entry its tracer has seen comes before all else.
    if (is_reentering(task) && ending.kind == Ending::Kind::kRestart)
        [[unlikely]] {
      break;
    }
    if (task.trace != nullptr && stops_for_tracer(task, token, ending))
        [[unlikely]] {
      return withhold();
    }
    if (process.stop_state != StopState::kRunning &&
        stops_with_process(task, token, ending)) {
      return withhold();
    }
    SigInfo info;
    i32 signal = 0;
    if (task.trace == nullptr) [[likely]] {
      signal = signals_.take(task, info);
    } else if (!take_verdict(task, info, &signal)) {
      // The end of the call that a signal interrupts comes before the signal.
      if (ending.kind == Ending::Kind::kWaiting && task.trace->exit_is_due &&
          has_work(task)) {
        ending = Ending::result(interrupt_wait(task));
        continue;
      }
      signal = signals_.take(task, info);
      if (signal != 0 && asks_tracer(task, token, ending, info)) {
        return withhold();
      }
    }
    if (signal == 0) {
      if (ending.kind == Ending::Kind::kWaiting) return withhold();
      if (!task.has_saved_mask) break;
      // What was blocked before sigsuspend or ppoll is so again, and the rest
      // is looked at once more.
      end_masked_wait(task);
      continue;
    }
    const SigAction& action = process.handlers()->of(signal);
    if (action.handler > kHandlerIgnore) {
      run_handler(task, token, ending, signal, info);
      // A step into the handler ends before its first instruction.
      if (task.trace != nullptr && task.trace->is_stepping) [[unlikely]] {
        task.trace->is_stepping = false;
        keep_ending(task, token, ending);
        trace_stop(task, TraceStop::kEvent, kSigTrap);
        return withhold();
      }
    } else if (task.trace != nullptr && signal != kSigKill &&
               is_fatal(process, signal) && !process.is_init() &&
               stops_at_end(task, token, status_of_signal(signal), true)) {
      return withhold();
    } else {
      act_by_default(process, signal);
    }
  }
  return answer_ending(task, token, ending);
}

void ProcessServer::act_by_default(Process& process, i32 signal) {
  if (is_ignored(process, signal)) return;
  // SIGKILL and SIGSTOP have been let through by signals_.send().
  if (process.is_unkillable &&
      (process.is_init() || (signal_bit(signal) & kUnblockable) == 0)) {
    return;
  }
  if ((signal_bit(signal) & kStopsByDefault) == 0) {
    end_process(process, status_of_signal(signal));
    return;
  }
  // The terminal's stop signals need somebody who can continue the job.
  if (signal == kSigStop || !signals_.is_orphaned(process.group, nullptr)) {
    signals_.stop_process(process, signal);
  }
}

// No handler ran: a call that was interrupted is made again.
Outcome ProcessServer::answer_ending(Task& task, u64 token, Ending ending) {
  switch (ending.kind) {
    case Ending::Kind::kResult:
      switch (ending.value) {
        case -ERESTARTSYS:
        case -ERESTARTNOINTR:
        case -ERESTARTNOHAND:
          return Outcome(token, make_tag(0, kReplyRestart));
        case -ERESTART_RESTARTBLOCK:
          return restart_wait(task, token);
        default:
          return answer_result(token, ending.value);
      }
    case Ending::Kind::kRestart:
      return Outcome(token, make_tag(0, kReplyRestart));
    case Ending::Kind::kResume:
      return answer_resume(token);
    case Ending::Kind::kEnd:
    case Ending::Kind::kWaiting:
      break;
  }
  return withhold();
}

// What a call that was interrupted comes to when a handler runs: the one place
// where programs' EINTR is made.
void ProcessServer::end_for_handler(hw::TrapFrame& frame, Ending ending,
                                    const SigAction& action) {
  if (ending.kind == Ending::Kind::kResume) return;
  if (ending.kind == Ending::Kind::kRestart) {
    hw::rewind_syscall(frame);
    return;
  }
  i64 result = ending.value;
  switch (result) {
    case -ERESTARTSYS:
      if ((action.flags & kSaRestart) != 0) {
        hw::rewind_syscall(frame);
        return;
      }
      result = -EINTR;
      break;
    case -ERESTARTNOINTR:
      hw::rewind_syscall(frame);
      return;
    case -ERESTARTNOHAND:
    case -ERESTART_RESTARTBLOCK:
      result = -EINTR;
      break;
  }
  hw::set_result(frame, static_cast<u64>(result));
}

}  // namespace tine::process
