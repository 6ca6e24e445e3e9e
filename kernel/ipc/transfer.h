// Sending and receiving by the running thread: the paths that every system call
// and every call between servers takes. All of it is inline and straight, the
// rare turns are functions.
#ifndef KERNEL_IPC_TRANSFER_H_
#define KERNEL_IPC_TRANSFER_H_

#include "kernel/ipc/delivery.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/notification.h"
#include "kernel/thread/scheduler.h"

namespace tine {

// Nobody receives: the sender queues, another thread runs.
Thread* send_queued(PerCpu& cpu, Thread& sender, Endpoint& endpoint, u16 label);

// The current thread sends: straight into the waiting receiver, which runs
// next, or it queues. What the label needs is in `sender.event`; kLabelRaw
// needs `sender.send_badge`.
template <u16 kLabel>
[[gnu::always_inline]] inline Thread* send(PerCpu& cpu, Thread& sender,
                                           Endpoint& endpoint) {
  if (endpoint.receivers.empty()) [[unlikely]] {
    return send_queued(cpu, sender, endpoint, kLabel);
  }
  Thread& receiver = endpoint.receivers.pop_front();
  sender.send_label = kLabel;
  deliver<kLabel>(sender, receiver);
  receiver.state = ThreadState::kReady;
  return switch_to_server(cpu, receiver);
}

// More work is waiting, or nothing is to be done after: see receive().
Thread* receive_more(Thread& server, Endpoint& endpoint, Thread* answered);

// The current server receives. `answered` is the thread it has just answered,
// ready but in no queue (or null): it runs next, unless more work is waiting.
[[gnu::always_inline]] inline Thread* receive(PerCpu& cpu, Thread& server,
                                              Endpoint& endpoint,
                                              Thread* answered) {
  const Notification* bound = endpoint.bound;
  if ((bound != nullptr && bound->bits != 0) || !endpoint.senders.empty())
      [[unlikely]] {
    return receive_more(server, endpoint, answered);
  }
  server.state = ThreadState::kReceiving;
  server.endpoint = &endpoint;
  endpoint.receivers.push_back(server);
  if (answered == nullptr) [[unlikely]]
    return run_next(cpu);
  return run_answered(cpu, *answered);
}

}  // namespace tine

#endif  // KERNEL_IPC_TRANSFER_H_
