// Counters that tests and benchmarks read, and NativeOp::kDebug.
#ifndef KERNEL_DEBUG_H_
#define KERNEL_DEBUG_H_

#include "kernel/base/types.h"

namespace tine {

struct Thread;

struct Counters {
  u64 entries = 0;   // into the kernel: traps, faults, interrupts
  u64 messages = 0;  // delivered
  u64 faults = 0;    // page faults that the kernel resolved itself
};
inline constinit Counters counters;

// A line with what is left of frames and objects, for the end of a run.
void log_what_is_left();

// Carries out the current server's kDebug call (abi/debug.h).
void debug_call(Thread& server);

}  // namespace tine

#endif  // KERNEL_DEBUG_H_
