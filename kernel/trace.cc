#include "kernel/trace.h"

#include "kernel/log.h"
#include "kernel/thread/thread_table.h"

namespace tine {

const char* trace_step_name(TraceStep step) {
  switch (step) {
    case TraceStep::kNone:
      return "none";
    case TraceStep::kSpaceForked:
      return "F5 space forked";
    case TraceStep::kThreadCloned:
      return "F8 thread cloned";
    case TraceStep::kThreadPublished:
      return "F8 thread published";
    case TraceStep::kThreadKilled:
      return "thread killed";
    case TraceStep::kSpaceDestroyed:
      return "space destroyed";
    case TraceStep::kBatchFailed:
      return "batch failed";
    case TraceStep::kServerFaulted:
      return "server faulted";
    case TraceStep::kCallDelivered:
      return "F0 call delivered";
    case TraceStep::kCallAnswered:
      return "F8 call answered";
    case TraceStep::kCloneChecked:
      return "F1 flags checked";
    case TraceStep::kCloneReserved:
      return "F2 ring slots and task reserved";
    case TraceStep::kMmForkAsked:
      return "F3 mm asked for";
    case TraceStep::kMmCharged:
      return "F4 ledger charged, areas shared";
    case TraceStep::kTaskFilled:
      return "F6 task filled";
    case TraceStep::kTidsWritten:
      return "F7 tids written";
    case TraceStep::kFilesLearned:
      return "F9 files learned from ring";
    case TraceStep::kMmLearned:
      return "F9 mm learned from ring";
    case TraceStep::kCallEntered:
      return "call entered";
    case TraceStep::kCallLeft:
      return "call left";
    case TraceStep::kMmForkUndone:
      return "undo: ledger and mm";
    case TraceStep::kRingsTakenBack:
      return "undo: ring taken back";
    case TraceStep::kMmAborted:
      return "undo: mm aborted";
    case TraceStep::kCloneUndone:
      return "undo: task out of the tree";
    case TraceStep::kCloneReleased:
      return "undo: reserved things released";
  }
  return "unknown";
}

void trace_server_step(TraceStep step, u32 party, u64 transaction) {
  u32& logged = trace_ring.logged;
  if (logged == 0) logged = trace_ring.next;  // how the system was started
  trace(step, party, transaction);
  if (trace_ring.next - logged > kTraceRecords) {
    logged = trace_ring.next - kTraceRecords;
  }
  for (; logged != trace_ring.next; ++logged) {
    const TraceRecord& record = trace_ring.records[logged % kTraceRecords];
    log("trace: server ", thread_table.at(record.party)->cookie, ": ",
        trace_step_name(record.step), ", ", hex(record.transaction));
  }
}

}  // namespace tine
