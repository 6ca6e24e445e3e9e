// Hardware breakpoints of a thread that stands still.
#include "servers/linux_abi/arch/debug_registers.h"
#include "servers/process/ptrace/traced_thread.h"
#include "servers/process/signal/held_registers.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// Between the kernel and the UTCB.
Status move_breakpoints(const Task& task, RegistersAction action) {
  return sys::run({OpCode::kThreadBreakpoints, kNoHandle, task.token,
                   static_cast<u64>(action)})
      .status;
}

hw::DebugRegisters& breakpoints_of(Utcb& block) {
  return *reinterpret_cast<hw::DebugRegisters*>(block.user_state);
}

}  // namespace

i64 TracedThreads::read_breakpoints(const Task& task, u32 type,
                                    RegisterSet& to) {
  if (move_breakpoints(task, RegistersAction::kGet) != Status::kOk) return -EIO;
  read_breakpoint_set(type, breakpoints_of(sys::utcb()),
                      task.trace->debug_status, to);
  return 0;
}

i64 TracedThreads::write_breakpoints(Task& task, u32 type,
                                     const RegisterSet& from, u64 first,
                                     u64 bytes) {
  if (move_breakpoints(task, RegistersAction::kGet) != Status::kOk) return -EIO;
  hw::DebugRegisters& all = breakpoints_of(sys::utcb());
  const hw::DebugRegisters before = all;
  const i64 error = write_breakpoint_set(type, from, first, bytes, all,
                                         task.trace->debug_status);
  if (__builtin_memcmp(&all, &before, sizeof(all)) == 0) return error;
  switch (move_breakpoints(task, RegistersAction::kSet)) {
    case Status::kOk:
      return error;
    case Status::kNoMemory:
      return -ENOMEM;
    default:
      return -EIO;
  }
}

i64 TracedThreads::debug_word(const Call& call, Task& task, u64 at, bool sets) {
  RegisterSet set;
  if (const i64 error = read_breakpoints(task, kUserDebugSet, set);
      error != 0) {
    return error;
  }
  const u64 word = call.argument(3);
  const Mm& mm = *call.task.mm;
  if (at >= set.bytes) return sets ? -EIO : user_.write(mm, word, u64{0});
  if (!sets) return user_.write(mm, word, set.content + at, sizeof(word));
  __builtin_memcpy(set.content + at, &word, sizeof(word));
  return write_breakpoints(task, kUserDebugSet, set, at, sizeof(word));
}

}  // namespace tine::process
