// NativeOp::kCopy, by which servers reach the memory of programs.
#ifndef KERNEL_COPY_CALL_H_
#define KERNEL_COPY_CALL_H_

#include "kernel/thread/thread.h"

namespace tine {

// Copies as the words of the server's message say, and leaves there what came
// of it.
void copy_call(Thread& server);

}  // namespace tine

#endif  // KERNEL_COPY_CALL_H_
