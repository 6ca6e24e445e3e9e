// Sending and receiving by the running thread: the paths that every system call
// and every call between servers takes. They are inline and straight, their
// messages stay in registers; the rare turns are functions, and work on what
// the threads' frames hold.
#ifndef KERNEL_IPC_TRANSFER_H_
#define KERNEL_IPC_TRANSFER_H_

#include "arch/hw/register_message.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "kernel/thread/scheduler.h"

namespace tine {

// The current thread, which keeps all that its message needs, sends. If nobody
// receives it queues and another thread runs.
Thread* send(PerCpu& cpu, Thread& sender, Endpoint& endpoint, u16 label);

// The current thread's message was taken by a receiver: returns the token.
template <u16 kLabel>
[[gnu::always_inline]] inline u64 hand_over(Thread& sender, Thread& receiver) {
  receiver.state = ThreadState::kReady;
  sender.state = ThreadState::kReplyWait;
  sender.pending_reply = PendingReply::kCall;
  sender.send_label = kLabel;
  return hold(sender, receiver);
}

inline void wait_for_message(Thread& server, Endpoint& endpoint) {
  server.state = ThreadState::kReceiving;
  server.endpoint = &endpoint;
  endpoint.receivers.push(server);
}

// The current server answers a held thread (or null) with what is in its own
// frame, and receives.
Thread* answer_and_receive(PerCpu& cpu, Thread& server, Endpoint& endpoint,
                           Thread* caller);

}  // namespace tine

#endif  // KERNEL_IPC_TRANSFER_H_
