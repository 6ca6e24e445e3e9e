// Registers of a thread that stands still, in sets and word by word.
#include "servers/linux_abi/arch/debug_registers.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/ptrace/traced_thread.h"
#include "servers/process/signal/held_registers.h"

namespace tine::process {

using namespace linux_abi;

namespace {

CallStop call_stop(const Trace& trace) {
  switch (trace.stop) {
    case TraceStop::kCallEntry:
      return CallStop::kEntry;
    case TraceStop::kFilter:
      return CallStop::kFilter;
    case TraceStop::kCallExit:
      return CallStop::kExit;
    default:
      return CallStop::kNone;
  }
}

u64 call_number(const Trace& trace) {
  return call_stop(trace) != CallStop::kNone ? trace.call : ~u64{0};
}

}  // namespace

// The whole set. 0 or a negated errno.
i64 TracedThreads::read_registers(const Task& task, u32 type, RegisterSet& to) {
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  Utcb& block = sys::utcb();
  read_register_set(type, frame_of(block), state_of(block),
                    call_number(*task.trace), call_stop(*task.trace), to);
  return to.bytes != 0 ? 0 : missing_set_error(type);
}

i64 TracedThreads::write_registers(Task& task, u32 type,
                                   const RegisterSet& from) {
  Trace& trace = *task.trace;
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  Utcb& block = sys::utcb();
  if (const i64 error = write_register_set(type, from, call_stop(trace),
                                           frame_of(block), state_of(block));
      error != 0) {
    return error;
  }
  if (is_before(call_stop(trace))) {
    trace.call = frame_of(block).message.tag;
    if (type == kNtPrStatus) {
      UserRegisters all;
      __builtin_memcpy(&all, from.content, sizeof(all));
      trace.skipped_result = skipped_result(all);
    }
  }
  return move_registers(task.token, RegistersAction::kSet) ? 0 : -EIO;
}

// What the tracer copies from or to its own memory, `*bytes` at most.
i64 TracedThreads::copy_registers(const Call& call, Task& task, u32 type,
                                  u64 at, u64* bytes, bool sets) {
  RegisterSet set;
  const bool breaks = is_breakpoint_set(type);
  if (const i64 error = breaks ? read_breakpoints(task, type, set)
                               : read_registers(task, type, set);
      error != 0) {
    return set.unit != 0 && *bytes % set.unit != 0 ? -EINVAL : error;
  }
  if (*bytes % set.unit != 0) return -EINVAL;
  if (*bytes > set.bytes) *bytes = set.bytes;
  const Mm& mm = *call.task.mm;
  if (!sets) return user_.write(mm, at, set.content, *bytes);
  if (user_.read(mm, at, set.content, *bytes) != 0) return -EFAULT;
  return breaks ? write_breakpoints(task, type, set, 0, *bytes)
                : write_registers(task, type, set);
}

i64 TracedThreads::all_registers(const Call& call, Task& task, u32 type,
                                 bool sets) {
  if (!kHasUserArea) return -EIO;
  u64 bytes = ~u64{0} & ~u64{7};
  return copy_registers(call, task, type, call.argument(3), &bytes, sets);
}

i64 TracedThreads::register_set(const Call& call, Task& task, bool sets) {
  struct {
    u64 address;
    u64 bytes;
  } vector;
  if (user_.read(*call.task.mm, call.argument(3), vector) != 0) return -EFAULT;
  const i64 error = copy_registers(call, task, call.uint_argument(2),
                                   vector.address, &vector.bytes, sets);
  return error != 0 ? error
                    : user_.write(*call.task.mm, call.argument(3), vector);
}

i64 TracedThreads::user_area(const Call& call, Task& task, bool sets) {
  const u64 offset = call.argument(2);
  if (!kHasUserArea || offset % sizeof(u64) != 0 ||
      offset > kUserAreaBytes - sizeof(u64)) {
    return -EIO;
  }
  const u64 word = call.argument(3);
  if (offset >= sizeof(UserRegisters)) {
    return debug_word(call, task, offset - kUserDebugAt, sets);
  }
  RegisterSet set;
  if (const i64 error = read_registers(task, kNtPrStatus, set); error != 0) {
    return error;
  }
  if (!sets) {
    return user_.write(*call.task.mm, word, set.content + offset, sizeof(word));
  }
  __builtin_memcpy(set.content + offset, &word, sizeof(word));
  return write_registers(task, kNtPrStatus, set);
}

i64 TracedThreads::segment_base(const Call& call, Task& task) {
  if (!kHasUserArea) return -EIO;
  const u64 code = call.argument(3);
  const bool sets = code == kArchSetFs || code == kArchSetGs;
  if (!sets && code != kArchGetFs && code != kArchGetGs) return -EINVAL;
  RegisterSet set;
  if (const i64 error = read_registers(task, kNtPrStatus, set); error != 0) {
    return error;
  }
  const bool is_fs = code == kArchSetFs || code == kArchGetFs;
  u8* const base = set.content + (is_fs ? kFsBaseAt : kGsBaseAt);
  const u64 value = call.argument(2);
  if (!sets) return user_.write(*call.task.mm, value, base, sizeof(value));
  if (value >= kUserAddressEnd) return -EPERM;
  __builtin_memcpy(base, &value, sizeof(value));
  return write_registers(task, kNtPrStatus, set);
}

// PTRACE_GET_SYSCALL_INFO: how much there is to tell, of which the tracer gets
// as much as it has room for.
i64 TracedThreads::syscall_stop_info(const Call& call, const Task& task) {
  const Trace& trace = *task.trace;
  if (!move_registers(task.token, RegistersAction::kGet)) return -EIO;
  const hw::TrapFrame& frame = frame_of(sys::utcb());
  SyscallStopInfo info;
  u64 bytes = kBytesInNoCall;
  info.arch = kAuditArch;
  info.pc = frame.pc;
  info.sp = frame.sp;
  // Whose tracer cannot tell a stop at a call by its code is not told here.
  const bool is_told =
      trace.stop == TraceStop::kFilter || (trace.code & kSysGoodBit) != 0;
  switch (is_told ? call_stop(trace) : CallStop::kNone) {
    case CallStop::kNone:
      break;
    case CallStop::kEntry:
    case CallStop::kFilter: {
      const bool filters = trace.stop == TraceStop::kFilter;
      info.kind = filters ? 3 : 1;
      bytes = filters ? kBytesAtFilter : kBytesAtEntry;
      info.entry.number = trace.call;
      for (unsigned i = 0; i < 6; ++i) {
        info.entry.arguments[i] = frame.message.words[i];
      }
      info.entry.filter_data = static_cast<u32>(trace.message);
      break;
    }
    case CallStop::kExit: {
      constexpr u64 kLeastError = ~u64{4094};
      info.kind = 2;
      bytes = kBytesAtExit;
      info.exit.result = static_cast<i64>(call_result(frame));
      info.exit.is_error = call_result(frame) >= kLeastError ? 1 : 0;
      break;
    }
  }
  const u64 room = call.argument(2);
  const i64 error = user_.write(*call.task.mm, call.argument(3), &info,
                                room < bytes ? room : bytes);
  return error != 0 ? -EFAULT : static_cast<i64>(bytes);
}

bool set_stepping(Handle handle, u64 token, bool on) {
  const auto move = [&](RegistersAction action) {
    return sys::run({OpCode::kThreadRegisters, handle, token,
                     static_cast<u64>(action)})
               .status == Status::kOk;
  };
  if (!move(RegistersAction::kGet)) return false;
  set_single_step(frame_of(sys::utcb()), state_of(sys::utcb()), on);
  return move(RegistersAction::kSet);
}

}  // namespace tine::process
