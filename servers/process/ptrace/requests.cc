// ptrace(): what a tracer asks for.
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u32 kKnownOptions = kTraceSysGood | kTraceFork | kTraceVfork |
                              kTraceClone | kTraceExec | kTraceVforkDone |
                              kTraceExitKill;

}  // namespace

// ---- memory ----------------------------------------------------------------
i64 ProcessServer::access_traced(const Task& task, MemoryLabel label,
                                 u64 address, u64* word) {
  const i64 done = sys::result_of(
      sys::call(kCallMemory, sys::make_message(label, task.mm->id, address,
                                               reinterpret_cast<u64>(word),
                                               sizeof(*word), kMmForce)),
      -EIO);
  if (done == -ENOMEM) {
    user_.note_short();
    return done;
  }
  return done == i64{sizeof(*word)} ? 0 : -EIO;
}

i64 ProcessServer::peek(const Call& call, const Task& task) {
  u64 word = 0;
  const i64 error =
      access_traced(task, MemoryLabel::kMmRead, call.argument(2), &word);
  return error != 0 ? error : write_user(*call.task.mm, call.argument(3), word);
}

i64 ProcessServer::poke(const Call& call, const Task& task) {
  u64 word = call.argument(3);
  return access_traced(task, MemoryLabel::kMmWrite, call.argument(2), &word);
}

// ---- registers -------------------------------------------------------------
namespace {

CallStop call_stop(const Trace& trace) {
  return trace.stop == TraceStop::kCallEntry  ? CallStop::kEntry
         : trace.stop == TraceStop::kCallExit ? CallStop::kExit
                                              : CallStop::kNone;
}

UserRegisters registers_in(const Utcb& block, const Trace& trace) {
  return user_registers(
      *reinterpret_cast<const hw::TrapFrame*>(block.registers),
      *reinterpret_cast<const hw::UserState*>(block.user_state),
      call_stop(trace) != CallStop::kNone ? trace.call : ~u64{0},
      call_stop(trace));
}

}  // namespace

// What the tracer copies from or to its own memory, up to `bytes`.
i64 ProcessServer::copy_registers(const Call& call, Task& task, u64 at,
                                  u64 bytes, bool sets) {
  Trace& trace = *task.trace;
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  UserRegisters registers = registers_in(sys::utcb(), trace);
  if (!sets) return write_user(*call.task.mm, at, &registers, bytes);
  if (read_user(*call.task.mm, at, &registers, bytes) != 0) return -EFAULT;
  return put_registers(task, registers);
}

i64 ProcessServer::put_registers(Task& task, const UserRegisters& registers) {
  // The copy from the tracer went through the same place.
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  Utcb& block = sys::utcb();
  set_user_registers(*reinterpret_cast<hw::TrapFrame*>(block.registers),
                     *reinterpret_cast<hw::UserState*>(block.user_state),
                     registers, call_stop(*task.trace));
  return move_registers(task.token, RegistersAction::kSet) ? 0 : -EIO;
}

i64 ProcessServer::register_set(const Call& call, Task& task, bool sets) {
  struct {
    u64 address;
    u64 bytes;
  } vector;
  if (call.argument(2) != kNtPrStatus) return -EINVAL;
  if (read_user(*call.task.mm, call.argument(3), vector) != 0) return -EFAULT;
  if (vector.bytes % sizeof(u64) != 0) return -EINVAL;
  if (vector.bytes > sizeof(UserRegisters)) {
    vector.bytes = sizeof(UserRegisters);
  }
  const i64 error =
      copy_registers(call, task, vector.address, vector.bytes, sets);
  return error != 0 ? error
                    : write_user(*call.task.mm, call.argument(3), vector);
}

i64 ProcessServer::user_area(const Call& call, Task& task, bool sets) {
  const u64 offset = call.argument(2);
  if (!kHasUserArea || offset % sizeof(u64) != 0 ||
      offset > kUserAreaBytes - sizeof(u64)) {
    return -EIO;
  }
  u64 word = call.argument(3);
  if (offset >= sizeof(UserRegisters)) {
    // No debug registers are kept.
    if (sets) return word == 0 ? 0 : -EIO;
    return write_user(*call.task.mm, word, u64{0});
  }
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  UserRegisters registers = registers_in(sys::utcb(), *task.trace);
  auto* place = reinterpret_cast<u8*>(&registers) + offset;
  if (sets) {
    __builtin_memcpy(place, &word, sizeof(word));
    return put_registers(task, registers);
  }
  const u64 to = word;
  __builtin_memcpy(&word, place, sizeof(word));
  return write_user(*call.task.mm, to, word);
}

// ---- going on --------------------------------------------------------------
i64 ProcessServer::go_on(Task& task, u32 request, u64 signal) {
  if (signal > static_cast<u64>(kSignals)) return -EIO;
  const bool steps = request == kPtraceSingleStep;
  if (steps && !kHasSingleStep) return -EIO;
  Trace& trace = *task.trace;
  if (kHasSingleStep && task.token != 0 &&
      move_registers(task.token, RegistersAction::kGet)) {
    set_single_step(*reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers),
                    steps);
    (void)move_registers(task.token, RegistersAction::kSet);
  }
  const auto number = static_cast<i32>(signal);
  if (trace.stop == TraceStop::kSignal) {
    trace.has_verdict = true;
    trace.verdict = number;
  } else if (number != 0 && trace.stop != TraceStop::kEvent) {
    (void)send(*task.process, &task, {.signal = number, .code = kSiUser});
  }
  trace.is_reentering = trace.stop == TraceStop::kCallEntry;
  trace.stops_at_calls = request == kPtraceSyscall;
  trace.stop = TraceStop::kNone;
  trace.is_unreported = false;
  notice(task);
  return 0;
}

i64 ProcessServer::detach(Task& task, u64 signal) {
  if (signal > static_cast<u64>(kSignals)) return -EIO;
  Trace& trace = *task.trace;
  const auto number = static_cast<i32>(signal);
  end_trace(trace);
  if (number != 0) {
    (void)send(*task.process, &task, {.signal = number, .code = kSiUser});
  }
  return 0;
}

// ---- the call --------------------------------------------------------------
i64 ProcessServer::trace_request(const Call& call, u32 request, Task& task) {
  Trace& trace = *task.trace;
  const u64 data = call.argument(3);
  switch (request) {
    case kPtracePeekText:
    case kPtracePeekData:
      return peek(call, task);
    case kPtracePokeText:
    case kPtracePokeData:
      return poke(call, task);
    case kPtracePeekUser:
      return user_area(call, task, false);
    case kPtracePokeUser:
      return user_area(call, task, true);
    case kPtraceGetRegs:
    case kPtraceSetRegs:
      if (!kHasUserArea) return -EIO;
      return copy_registers(call, task, data, sizeof(UserRegisters),
                            request == kPtraceSetRegs);
    case kPtraceGetRegSet:
    case kPtraceSetRegSet:
      return register_set(call, task, request == kPtraceSetRegSet);
    case kPtraceCont:
    case kPtraceSyscall:
    case kPtraceSingleStep:
      return go_on(task, request, data);
    case kPtraceDetach:
      return detach(task, data);
    case kPtraceSetOptions:
      if ((data & ~u64{kKnownOptions}) != 0) return -EINVAL;
      trace.options = static_cast<u32>(data);
      return 0;
    case kPtraceGetEventMsg:
      return write_user(*call.task.mm, data, trace.message);
    case kPtraceGetSigInfo:
      return write_user(*call.task.mm, data, trace.info);
    case kPtraceSetSigInfo: {
      SigInfo info;
      if (read_user(*call.task.mm, data, info) != 0) return -EFAULT;
      trace.info = info;
      return 0;
    }
    default:
      return -EIO;
  }
}

Outcome ProcessServer::sys_ptrace(const Call& call) {
  const u32 request = call.uint_argument(0);
  if (request == kPtraceTraceMe) return call.result(trace_me(call.task));
  Task* task = tasks_.find(Pid{call.int_argument(1)});
  if (task == nullptr) return call.result(-ESRCH);
  if (request == kPtraceAttach) {
    return call.result(attach(call.task, *task, 0, false));
  }
  if (request == kPtraceSeize) {
    const u64 options = call.argument(3);
    if (call.argument(2) != 0 || (options & ~u64{kKnownOptions}) != 0) {
      return call.result(-EIO);
    }
    return call.result(
        attach(call.task, *task, static_cast<u32>(options), true));
  }
  const Trace* trace = task->trace;
  if (trace == nullptr || trace->tracer != call.task.process) {
    return call.result(-ESRCH);
  }
  if (request == kPtraceKill) {
    end_process(*task->process, status_of_signal(kSigKill));
    return call.result(0);
  }
  if (request == kPtraceInterrupt) {
    if (!trace->is_seized) return call.result(-EIO);
    if (trace->stop == TraceStop::kNone) {
      task->trace->stop_is_due = true;
      notice(*task);
    }
    return call.result(0);
  }
  // All others are for a thread that stands still.
  if (trace->stop == TraceStop::kNone) return call.result(-ESRCH);
  return call.result(trace_request(call, request, *task));
}

}  // namespace tine::process
