// Faults and exceptions as signals, and threads that another server hands over.
#include "servers/linux_abi/arch/exceptions.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/signal/held_registers.h"
#include "servers/protocol/raise.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::force(Task& task, u64 token, const SigInfo& info) {
  Ending ending = Ending::resume();
  if (task.trace != nullptr && asks_tracer(task, token, ending, info))
      [[unlikely]] {
    return withhold();
  }
  force_signal(task, token, ending, info, false);
  return deliver(task, token, ending);
}

Outcome ProcessServer::exception(Task& task, const sys::Message& in) {
  const ExceptionKind kind = static_cast<ExceptionKind>(in.words[0]);
  const Fault fault = fault_of_exception(kind, in.words[1], in.words[2]);
  SigInfo info{.signal = fault.signal, .code = fault.code};
  if (kind == ExceptionKind::kFloatingPoint &&
      move_registers(in.token, RegistersAction::kGet)) {
    info.code = float_code(frame_of(sys::utcb()), state_of(sys::utcb()));
  }
  info.set_address(fault.address);
  if (kind != ExceptionKind::kSingleStep &&
      kind != ExceptionKind::kHardwareBreakpoint) {
    task.fault_address = in.words[1];
  } else if (task.trace != nullptr) {
    task.trace->debug_status = in.words[1];
  }
  return force(task, in.token, info);
}

// kLabelRaised (servers/protocol/raise.h).
Outcome ProcessServer::raised(Task& task, const sys::Message& in) {
  const u64 what = in.words[0];
  const i64 code = static_cast<i64>(in.words[1]);
  switch (what) {
    case kRaiseInterrupted:
      if (code == -ERESTART_RESTARTBLOCK) {
        keep_for_restart(task, Wait::kFiles, 0);
      }
      return deliver(task, in.token, Ending::result(code));
    case kRaiseCallDone:
      // Whatever ended it, it was no signal: the mask of the wait is over.
      end_masked_wait(task);
      return deliver(task, in.token, Ending::result(code));
    case kRaiseReadSignals:
      return read_signals(task, in);
    case kRaiseText:
      return text_request(task, in);
    case kSigKill:
      return out_of_memory(task, in.token);
    case kSigPipe:
    case kSigTtin:
    case kSigTtou:
    case kSigXfsz:
      // No fault: sent, and the call has a result of its own.
      (void)signals_.send(
          *task.process, &task,
          signals_.info_from(task, static_cast<i32>(what),
                             what == kSigPipe ? kSiUser : kSiKernel));
      return deliver(task, in.token,
                     Ending::result(static_cast<i64>(in.words[3])));
    default:
      break;
  }
  SigInfo info{.signal = what >= 1 && what <= kRaiseLastSignal
                             ? static_cast<i32>(what)
                             : i32{kSigSegv},
               .code = static_cast<i32>(code)};
  info.set_address(in.words[2]);
  task.fault_address = in.words[2];
  return force(task, in.token, info);
}

// Those of the keyboard, of windows that change and lines that hang up
// (kNewsSignals).
void ProcessServer::take_terminal_signals() {
  for (;;) {
    const sys::Message taken =
        sys::call(kCallVfs, sys::make_message(VfsLabel::kTakeSignals));
    if (sys::result_of(taken, -EIO) != 0 || taken.words[1] == 0) return;
    const Pid id{static_cast<i32>(taken.words[3])};
    const i32 signal = static_cast<i32>(taken.words[4]);
    if (signal < 1 || signal > kSignals) continue;
    switch (static_cast<TerminalSignalTo>(taken.words[2])) {
      case TerminalSignalTo::kGroup:
        tasks_.for_each_member(
            id, [&](Process& member) { signals_.send_signal(member, signal); });
        break;
      case TerminalSignalTo::kSessionLeader:
        if (Process* leader = tasks_.find_process(id); leader != nullptr) {
          signals_.send_signal(*leader, signal);
        }
        break;
      case TerminalSignalTo::kQueueOwner:
        if (Process* owner = tasks_.find_process(id); owner != nullptr) {
          SigInfo info{.signal = signal,
                       .code = kSiMessageQueue,
                       .pid = static_cast<i32>(taken.words[6]),
                       .uid = static_cast<i32>(taken.words[6] >> 32)};
          info.set_value(taken.words[5]);
          (void)signals_.send(*owner, nullptr, info);
        }
        break;
      default:
        tell_owner(taken, id, signal);
    }
  }
}

// Of a file that has become ready (send_sigio()).
void ProcessServer::tell_owner(const sys::Message& taken, Pid id, i32 signal) {
  const u64 why = taken.words[5];
  const u32 uid = static_cast<u32>(taken.words[6]);
  const u32 euid = static_cast<u32>(taken.words[6] >> 32);
  SigInfo info{.signal = signal, .code = kSiKernel};
  if (why != 0) {
    info.code = static_cast<i32>(why & 0xff);
    info.pid = static_cast<i32>(why >> 8 & 0xffff);  // si_band
    info.status = static_cast<i32>(why >> 32);       // si_fd
  }
  const auto may = [&](const Task& task) {
    const Credentials& its = task.credentials();
    return euid == 0 || euid == its.suid || euid == its.uid ||
           uid == its.suid || uid == its.uid;
  };
  if (static_cast<TerminalSignalTo>(taken.words[2]) ==
      TerminalSignalTo::kOwnerGroup) {
    tasks_.for_each_member(id, [&](Process& member) {
      if (may(*member.leader)) (void)signals_.send(member, nullptr, info);
    });
    return;
  }
  Task* task = tasks_.find(id);
  if (task == nullptr || !may(*task)) return;
  const bool is_thread = static_cast<TerminalSignalTo>(taken.words[2]) ==
                         TerminalSignalTo::kOwnerThread;
  (void)signals_.send(*task->process, is_thread ? task : nullptr, info);
}

}  // namespace tine::process
