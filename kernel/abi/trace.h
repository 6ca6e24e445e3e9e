// The steps of a fork (docs/fork-protocol.md) and of what undoes it, as kernel
// and servers trace them: TINE_TRACE in kernel/trace.h and in
// servers/runtime/trace.h.
#ifndef KERNEL_ABI_TRACE_H_
#define KERNEL_ABI_TRACE_H_

#include "kernel/base/types.h"

namespace tine {

// In brackets: what `transaction` is.
enum class TraceStep : u32 {
  kNone = 0,

  // ---- by the kernel
  kSpaceForked,      // F5 [badge of the new space]
  kThreadCloned,     // F8 [index of the new thread]
  kThreadPublished,  // F8 [its cookie]
  kThreadKilled,     // [its cookie]
  kSpaceDestroyed,   // [its badge]
  kBatchFailed,      // [status and index of the operation]
  kServerFaulted,    // [its badge]
  // The path of all system calls does not record: the simulator sees these.
  kCallDelivered,  // F0 [cookie of the caller]
  kCallAnswered,   // F8 [cookie of the caller]

  // ---- by the servers
  kCloneChecked,   // F1, process [pid of the parent]
  kCloneReserved,  // F2, process [pid of the child]
  kMmForkAsked,    // F3, process [pid of the child]
  kMmCharged,      // F4, memory [MmId of the child]
  kTaskFilled,     // F6, process [pid of the child]
  kTidsWritten,    // F7, process [pid of the child]
  kFilesLearned,   // F9, vfs [cookie of the child]
  kMmLearned,      // F9, memory [MmId of the child]
  // With tine.trace=calls. A child's first return is one, too.
  kCallEntered,  // process [number of the call << 32 | tid]
  kCallLeft,     // process [tid]

  // ---- by the servers, undoing
  kMmForkUndone,    // memory [MmId of the child, 0: it had no record]
  kRingsTakenBack,  // process [pid of the child]
  kMmAborted,       // memory [MmId of the child]
  kCloneUndone,     // process [pid of the child]
  kCloneReleased,   // process [pid of the parent]
};
inline constexpr u32 kTraceSteps =
    static_cast<u32>(TraceStep::kCloneReleased) + 1;

}  // namespace tine

#endif  // KERNEL_ABI_TRACE_H_
