// NativeOp::kDebug, and what the log says at the end.
#ifndef KERNEL_DEBUG_H_
#define KERNEL_DEBUG_H_

#include "kernel/base/types.h"

namespace tine {

struct Thread;

// A line with what is left of frames and objects, for the end of a run.
void log_what_is_left();

// Carries out the current server's kDebug call (abi/debug.h).
void debug_call(Thread& server);

}  // namespace tine

#endif  // KERNEL_DEBUG_H_
