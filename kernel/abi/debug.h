// NativeOp::kDebug: words[0] = DebugOp; for tests, benchmarks and failing.
#ifndef KERNEL_ABI_DEBUG_H_
#define KERNEL_ABI_DEBUG_H_

#include "kernel/base/types.h"

namespace tine {

enum class DebugOp : u64 {
  // words[1] = address of a NUL-terminated text in the caller's own memory
  // (at most 256 bytes are taken): a line of the run's log.
  kLog = 1,
  // The same, then the run ends with status 125: the server is broken.
  kFail,
  // words[1] = k: the k-th fallible site from now on fails once; 0: none.
  // -> words[0] = sites passed since the last kInject.
  kInject,
  // words[1] = TraceStep, words[2] = its transaction: a step of the fork
  // protocol. It and what came before it become lines of the run's log.
  kTrace,
};

}  // namespace tine

#endif  // KERNEL_ABI_DEBUG_H_
