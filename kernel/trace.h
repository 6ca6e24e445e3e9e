// The kernel's trace: the last steps of the fork protocol and of what undoes
// it, for panics.
#ifndef KERNEL_TRACE_H_
#define KERNEL_TRACE_H_

#include "kernel/base/types.h"

namespace tine {

enum class TraceStep : u32 {
  kNone = 0,
  kSpaceForked,      // transaction: badge of the new space
  kThreadCloned,     // transaction: index of the new thread
  kThreadPublished,  // transaction: its cookie
  kThreadKilled,     // transaction: its cookie
  kSpaceDestroyed,   // transaction: its badge
  kBatchFailed,      // transaction: status and index of the operation
  kServerFaulted,    // transaction: its badge
};

struct TraceRecord {
  TraceStep step;
  u32 party;  // index of the thread that the kernel acted for
  u64 transaction;
};

// A power of two, so that the position wraps by masking.
inline constexpr u32 kTraceRecords = 64;

struct Trace {
  TraceRecord records[kTraceRecords];
  u32 next = 0;
};
inline constinit Trace trace_ring{};

inline void trace(TraceStep step, u32 party, u64 transaction) {
  trace_ring.records[trace_ring.next++ % kTraceRecords] = {step, party,
                                                           transaction};
}

// The name of a step, for people.
const char* trace_step_name(TraceStep step);

}  // namespace tine

// One step: what happened, for which thread, in which transaction.
#define TINE_TRACE(step, party, transaction) \
  ::tine::trace(::tine::TraceStep::step, (party), (transaction))

#endif  // KERNEL_TRACE_H_
