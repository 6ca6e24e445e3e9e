// Deferred teardown of page tables that nothing refers to any more.
//
// Dropping the last reference to a table (exit, munmap of a covered subtree)
// costs O(1): the table is queued here, and what it holds comes back in quanta
// that later operations and idle time pay.
#ifndef KERNEL_MEMORY_TEARDOWN_H_
#define KERNEL_MEMORY_TEARDOWN_H_

#include "kernel/memory/frame_table.h"

namespace tine {

// Drops up to about `quanta` x 64 entries of pending tables; false: none is
// left.
bool teardown_run(unsigned quanta);
bool teardown_pending();
// Tables that are queued: what has to be paid grows with it.
unsigned teardown_length();

// Queues a kTable or kRoot frame with refs == 0 and its `live` mask set. No CPU
// may walk it any more, from any cached entry of a live ASID.
void teardown_push(Frame table);

// First queued table, for the invariant checker; the next is its `link`.
Frame teardown_first();

// Forgets the queue: a test begins with a new machine.
void teardown_reset();

}  // namespace tine

#endif  // KERNEL_MEMORY_TEARDOWN_H_
