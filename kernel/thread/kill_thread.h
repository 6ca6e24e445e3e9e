// Ending threads.
#ifndef KERNEL_THREAD_KILL_THREAD_H_
#define KERNEL_THREAD_KILL_THREAD_H_

#include "kernel/thread/thread.h"

namespace tine {

// Takes the thread out of whatever it is in, tells those that it owes answers,
// and frees it. It must not be the current one, and its space has been told
// already (Space::threads).
void kill_thread(Thread& thread);

}  // namespace tine

#endif  // KERNEL_THREAD_KILL_THREAD_H_
