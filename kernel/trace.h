// The kernel's trace: the last steps of the fork protocol and of what undoes
// it, for panics and for those who want to see a fork.
#ifndef KERNEL_TRACE_H_
#define KERNEL_TRACE_H_

#include "kernel/abi/trace.h"
#include "kernel/base/types.h"

namespace tine {

struct TraceRecord {
  TraceStep step;
  u32 party;  // index of the thread that took it, or asked the kernel for it
  u64 transaction;
};

// A power of two, so that the position wraps by masking.
inline constexpr u32 kTraceRecords = 64;

struct Trace {
  TraceRecord records[kTraceRecords];
  u32 next = 0;
  u32 logged = 0;  // up to here they are in the log
};
inline constinit Trace trace_ring{};

inline void trace(TraceStep step, u32 party, u64 transaction) {
  trace_ring.records[trace_ring.next++ % kTraceRecords] = {step, party,
                                                           transaction};
}

// The name of a step, for people.
const char* trace_step_name(TraceStep step);

// A step that a server says it took: it becomes a line of the log, behind one
// for each step of the kernel since the last.
void trace_server_step(TraceStep step, u32 party, u64 transaction);

}  // namespace tine

// One step: what happened, for which thread, in which transaction.
#define TINE_TRACE(step, party, transaction) \
  ::tine::trace(::tine::TraceStep::step, (party), (transaction))

#endif  // KERNEL_TRACE_H_
