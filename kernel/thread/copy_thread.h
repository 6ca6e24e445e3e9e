// Making threads.
#ifndef KERNEL_THREAD_COPY_THREAD_H_
#define KERNEL_THREAD_COPY_THREAD_H_

#include "kernel/thread/thread.h"

namespace tine {

// A slot for a new thread: an embryo bound to `space`, in no list, with
// registers undefined. Null: the pool is spent.
[[nodiscard]] Thread* take_embryo(Pool& pool, Space& space, ThreadKind kind);
// Gives it back; it was never published.
void drop_embryo(Thread& embryo);

// Registers of a thread that has not run: zero, clean FP.
void clear_registers(Thread& thread);

// fork's copy_thread: `child` goes on where `source` waits, with result 0,
// and optionally with another stack and TLS.
void copy_thread(Thread& child, Thread& source, u64 stack, bool set_tls,
                 u64 tls);

}  // namespace tine

#endif  // KERNEL_THREAD_COPY_THREAD_H_
