// Managed threads: their traps become messages to their servers.
#ifndef KERNEL_REDIRECT_H_
#define KERNEL_REDIRECT_H_

#include "kernel/abi/message.h"
#include "kernel/base/address.h"
#include "kernel/ipc/route.h"
#include "kernel/thread/scheduler.h"

namespace tine {

// A fault that the kernel could not resolve, and any other exception.
Thread* redirect_fault(PerCpu& cpu, Thread& thread, VirtAddr address,
                       Access access);
Thread* redirect_exception(PerCpu& cpu, Thread& thread, ExceptionKind kind,
                           VirtAddr address);

// The server whose fault nobody can hear of: the run ends with it. Null where
// no root was started (kernel/start_root.h).
inline constinit Thread* root_thread = nullptr;

// A server is broken: its guardian hears of it, and without one it stops.
// Root's own fault is a panic.
Thread* server_fault(PerCpu& cpu, Thread& server, ExceptionKind kind,
                     VirtAddr address);

}  // namespace tine

#endif  // KERNEL_REDIRECT_H_
