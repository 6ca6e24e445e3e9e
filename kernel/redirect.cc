#include "kernel/redirect.h"

#include "kernel/log.h"
#include "kernel/trace.h"
#include "kernel/trap.h"

namespace tine {
namespace {

template <u16 kLabel>
Thread* send_event(PerCpu& cpu, Thread& thread, Endpoint* endpoint, u64 first,
                   u64 second) {
  if (endpoint == nullptr) return stop_current(cpu, thread);
  thread.pending_reply = PendingReply::kEvent;
  thread.event[0] = first;
  thread.event[1] = second;
  thread.event[2] = 0;
  thread.event[3] = 0;
  return send<kLabel>(cpu, thread, *endpoint);
}

}  // namespace

Thread* redirect_fault(PerCpu& cpu, Thread& thread, VirtAddr address,
                       Access access) {
  Endpoint* memory = thread.route != nullptr ? thread.route->memory() : nullptr;
  return send_event<kLabelFault>(cpu, thread, memory, address.value,
                                 static_cast<u64>(access));
}

Thread* redirect_exception(PerCpu& cpu, Thread& thread, ExceptionKind kind,
                           VirtAddr address) {
  Endpoint* process =
      thread.route != nullptr ? thread.route->process() : nullptr;
  return send_event<kLabelException>(cpu, thread, process,
                                     static_cast<u64>(kind), address.value);
}

Thread* server_fault(PerCpu& cpu, Thread& server, ExceptionKind kind,
                     VirtAddr address) {
  TINE_TRACE(kServerFaulted, server.index, server.cookie);
  log("server ", server.cookie, " faulted: kind ", static_cast<u64>(kind),
      " address ", hex(address.value), " pc ", hex(server.frame.pc), " sp ",
      hex(server.frame.sp));
  if (&server == root_thread) panic("the root server faulted", &server.frame);
  return send_event<kLabelServerFault>(cpu, server, server.fault_endpoint,
                                       address.value, static_cast<u64>(kind));
}

}  // namespace tine
