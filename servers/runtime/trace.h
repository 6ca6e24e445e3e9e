// The servers' trace of the fork protocol: with `tine.trace=fork` on the
// command line each step goes into the kernel's trace (kernel/trace.h), in
// order with the kernel's own, and becomes a line of the run's log. With
// `tine.trace=calls` all threads are watched (servers/process/watched_call.cc),
// and so are the beginnings and ends of their calls.
#ifndef SERVERS_RUNTIME_TRACE_H_
#define SERVERS_RUNTIME_TRACE_H_

#include "kernel/abi/trace.h"
#include "kernel/base/command_line.h"
#include "servers/runtime/sys.h"

namespace tine::sys {

inline constinit bool traces_forks = false;
inline constinit bool traces_calls = false;

inline void start_trace(const ServerConfig& config) {
  traces_forks = command_line_has(config.command_line, "tine.trace=fork");
  traces_calls = command_line_has(config.command_line, "tine.trace=calls");
}

[[gnu::cold]] void trace(TraceStep step, u64 transaction);

}  // namespace tine::sys

// One step: what happened, in which transaction. The kernel knows who says so.
#define TINE_TRACE(step, transaction)                                \
  do {                                                               \
    if (::tine::sys::traces_forks) [[unlikely]]                      \
      ::tine::sys::trace(::tine::TraceStep::step, u64(transaction)); \
  } while (false)

#endif  // SERVERS_RUNTIME_TRACE_H_
