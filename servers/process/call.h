// A system call in progress.
#ifndef SERVERS_PROCESS_CALL_H_
#define SERVERS_PROCESS_CALL_H_

#include "servers/process/task.h"
#include "servers/runtime/server_loop.h"

namespace tine::process {

struct Call {
  Task& task;
  const u64* arguments;
  u64 token;

  u64 argument(unsigned n) const { return arguments[n]; }
  i32 int_argument(unsigned n) const { return static_cast<i32>(arguments[n]); }
  u32 uint_argument(unsigned n) const { return static_cast<u32>(arguments[n]); }
  Outcome result(i64 value) const { return answer_result(token, value); }
  // The same, and a value goes to the program's memory at `to`; EFAULT or
  // ENOMEM come instead if it cannot (dispatch.cc).
  template <sys::Peekable T>
  Outcome result_with(u64 to, const T& value, i64 result = 0) const {
    Outcome outcome = answer_poke(token, result, to, value);
    outcome.message.target = task.cookie();
    return outcome;
  }
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_CALL_H_
