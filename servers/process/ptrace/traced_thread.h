// Memory and registers of a thread that stands still, as its tracer asks for
// them. All return 0 or a negated errno if they do not say otherwise.
#ifndef SERVERS_PROCESS_PTRACE_TRACED_THREAD_H_
#define SERVERS_PROCESS_PTRACE_TRACED_THREAD_H_

#include "servers/process/call.h"
#include "servers/process/ptrace/trace.h"
#include "servers/process/user_memory.h"
#include "servers/protocol/memory.h"

namespace tine::linux_abi {
struct RegisterSet;
}  // namespace tine::linux_abi

namespace tine::process {

class TracedThreads {
 public:
  explicit TracedThreads(UserMemory& user) : user_(user) {}

  // ---- memory.cc: `call` is the tracer's ptrace().
  i64 peek(const Call& call, const Task& task);
  i64 poke(const Call& call, const Task& task);
  i64 peek_signals(const Call& call, const Task& task);

  // ---- registers.cc
  // PTRACE_GETREGS and its like: the whole set of this NT_* type.
  i64 all_registers(const Call& call, Task& task, u32 type, bool sets);
  // PTRACE_GETREGSET and PTRACE_SETREGSET.
  i64 register_set(const Call& call, Task& task, bool sets);
  // PTRACE_PEEKUSER and PTRACE_POKEUSER.
  i64 user_area(const Call& call, Task& task, bool sets);
  // PTRACE_ARCH_PRCTL.
  i64 segment_base(const Call& call, Task& task);
  // PTRACE_GET_SYSCALL_INFO: how many bytes there are to tell, of which the
  // tracer gets as many as it has room for.
  i64 syscall_stop_info(const Call& call, const Task& task);

 private:
  i64 access(const Task& task, MemoryLabel label, u64 address, u64* word);
  i64 read_registers(const Task& task, u32 type, linux_abi::RegisterSet& to);
  i64 write_registers(Task& task, u32 type, const linux_abi::RegisterSet& from);
  i64 copy_registers(const Call& call, Task& task, u32 type, u64 at, u64* bytes,
                     bool sets);
  // ---- breakpoints.cc
  i64 read_breakpoints(const Task& task, u32 type, linux_abi::RegisterSet& to);
  // Of `from` these bytes have changed.
  i64 write_breakpoints(Task& task, u32 type,
                        const linux_abi::RegisterSet& from, u64 first,
                        u64 bytes);
  // A word of struct user from `at` on behind the start of u_debugreg, which
  // may be beyond its end, and before it if it is huge.
  i64 debug_word(const Call& call, Task& task, u64 at, bool sets);

  UserMemory& user_;
};

// Of a held thread, or of one that was made and does not run yet. False: there
// is none.
bool set_stepping(Handle handle, u64 token, bool on);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PTRACE_TRACED_THREAD_H_
