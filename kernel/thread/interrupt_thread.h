// Attention: bringing a managed thread to its process server, wherever it is.
//
// With one CPU running, a thread that a server asks for is never the running
// one: it is ready, it waits, or a server holds its call. So nothing has to be
// tested on the way back to user mode, and threads that nobody asks for pay
// nothing. Where more CPUs run, one that runs is made to trap first.
#ifndef KERNEL_THREAD_INTERRUPT_THREAD_H_
#define KERNEL_THREAD_INTERRUPT_THREAD_H_

#include "kernel/abi/batch.h"
#include "kernel/thread/thread.h"

namespace tine {

// Makes `thread`, a managed one, send kLabelAttention to its process server,
// unless it is held or on its way there already. A call that no server has
// taken is withdrawn and not begun: its pc goes back onto the trap instruction.
// A fault is withdrawn, too; it comes again. Cannot fail.
InterruptResult interrupt_thread(Thread& thread, const Thread& asker);

}  // namespace tine

#endif  // KERNEL_THREAD_INTERRUPT_THREAD_H_
