#include "kernel/redirect.h"

#include "arch/hw/cpu.h"
#include "kernel/ipc/delivery.h"
#include "kernel/ipc/route.h"
#include "kernel/ipc/transfer.h"
#include "kernel/kernel_lock.h"
#include "kernel/log.h"
#include "kernel/trace.h"
#include "kernel/trap.h"

namespace tine {
namespace {

// The thread has no server to turn to: it stops, everything else goes on.
Thread* stop_current(PerCpu& cpu, Thread& thread) {
  thread.state = ThreadState::kStopped;
  return run_next(cpu);
}

// The server does not wait, or there is none.
[[gnu::noinline]] Thread* send_call(Thread& thread, Endpoint* endpoint) {
  PerCpu& cpu = hw::this_cpu();
  if (endpoint == nullptr) return stop_current(cpu, thread);
  thread.pending_reply = PendingReply::kCall;
  return send(cpu, thread, *endpoint, kLabelSyscall);
}

Thread* send_event(PerCpu& cpu, Thread& thread, Endpoint* endpoint, u16 label,
                   u64 first, u64 second) {
  if (endpoint == nullptr) return stop_current(cpu, thread);
  thread.pending_reply = PendingReply::kEvent;
  thread.event[0] = first;
  thread.event[1] = second;
  thread.event[2] = 0;
  thread.event[3] = 0;
  return send(cpu, thread, *endpoint, label);
}

}  // namespace

TINE_BY_REGISTERS Thread* trap_system_call(TINE_MESSAGE_PARAMETERS) {
  KernelLockHold lock;
  const u64 number = syscall_number(tag);
  Endpoint* endpoint = thread->route->endpoint_of(number);
  if (endpoint == nullptr || endpoint->receivers.empty()) [[unlikely]] {
    return send_call(*thread, endpoint);
  }
  Thread& caller = *thread;
  thread = &endpoint->receivers.pop();
  token = hand_over<kLabelSyscall>(caller, *thread);
  tag = make_tag(kLabelSyscall);
  target = caller.cookie;
  w6 = caller.space->badge;
  w7 = number;
  return resume_server(hw::this_cpu(), TINE_MESSAGE);
}

Thread* redirect_fault(PerCpu& cpu, Thread& thread, VirtAddr address,
                       Access access) {
  return send_event(cpu, thread, thread.route->memory(), kLabelFault,
                    address.value, static_cast<u64>(access));
}

Thread* redirect_exception(PerCpu& cpu, Thread& thread, ExceptionKind kind,
                           VirtAddr address) {
  return send_event(cpu, thread, thread.route->process(), kLabelException,
                    static_cast<u64>(kind), address.value);
}

Thread* server_fault(PerCpu& cpu, Thread& server, ExceptionKind kind,
                     VirtAddr address) {
  TINE_TRACE(kServerFaulted, server.index, server.cookie);
  log("server ", server.cookie, " faulted: kind ", static_cast<u64>(kind),
      " address ", hex(address.value), " pc ", hex(server.frame.pc), " sp ",
      hex(server.frame.sp));
  if (&server == root_thread) panic("the root server faulted", &server.frame);
  return send_event(cpu, server, server.fault_endpoint, kLabelServerFault,
                    address.value, static_cast<u64>(kind));
}

}  // namespace tine
