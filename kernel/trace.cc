#include "kernel/trace.h"

namespace tine {

const char* trace_step_name(TraceStep step) {
  switch (step) {
    case TraceStep::kNone:
      return "none";
    case TraceStep::kSpaceForked:
      return "space forked";
    case TraceStep::kThreadCloned:
      return "thread cloned";
    case TraceStep::kThreadPublished:
      return "thread published";
    case TraceStep::kThreadKilled:
      return "thread killed";
    case TraceStep::kSpaceDestroyed:
      return "space destroyed";
    case TraceStep::kBatchFailed:
      return "batch failed";
    case TraceStep::kServerFaulted:
      return "server faulted";
  }
  return "unknown";
}

}  // namespace tine
