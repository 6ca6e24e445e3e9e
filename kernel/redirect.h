// Managed threads: their traps become messages to their servers.
#ifndef KERNEL_REDIRECT_H_
#define KERNEL_REDIRECT_H_

#include "kernel/abi/message.h"
#include "kernel/base/address.h"
#include "kernel/ipc/route.h"
#include "kernel/ipc/transfer.h"
#include "kernel/thread/scheduler.h"

namespace tine {

// The thread has no server to turn to: it stops, everything else goes on.
inline Thread* stop_current(PerCpu& cpu, Thread& thread) {
  thread.state = ThreadState::kStopped;
  return run_next(cpu);
}

[[gnu::always_inline]] inline Thread* redirect_syscall(PerCpu& cpu,
                                                       Thread& thread) {
  const RouteTable* route = thread.route;
  if (route == nullptr) [[unlikely]]
    return stop_current(cpu, thread);
  Endpoint* endpoint = route->endpoint_of(hw::syscall_number(thread.frame));
  if (endpoint == nullptr) [[unlikely]]
    return stop_current(cpu, thread);
  thread.pending_reply = PendingReply::kCall;
  return send<kLabelSyscall>(cpu, thread, *endpoint);
}

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
