// The one server that the kernel starts itself.
#ifndef KERNEL_START_ROOT_H_
#define KERNEL_START_ROOT_H_

#include "kernel/boot.h"
#include "kernel/memory/pool.h"
#include "kernel/thread/thread.h"

namespace tine {

// Makes root's space, thread, handles (abi/boot_info.h) and first pages out of
// all memory, and leaves the thread ready but in no queue. Panics if it cannot.
Thread& start_root(const BootMemory& memory, Pool& all_memory);

}  // namespace tine

#endif  // KERNEL_START_ROOT_H_
