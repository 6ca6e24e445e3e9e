// Endpoints: where senders and receiving servers meet.
#ifndef KERNEL_IPC_ENDPOINT_H_
#define KERNEL_IPC_ENDPOINT_H_

#include "kernel/base/object.h"
#include "kernel/thread/thread_queue.h"

namespace tine {

struct Notification;

// At most one of the two holds threads. Endpoints are never freed, so
// that they outlive the servers behind them (A13) and need no generation where
// routes and threads name them.
struct Endpoint {
  Object object;
  Notification* bound;  // delivered to receivers as kLabelNotification
  bool work_waits;      // a message, or a notification's bits; or did
  ThreadStack receivers;
  ThreadQueue senders;
};

// Stands where there is none: work always waits, so whoever wants to receive at
// once looks closer.
extern Endpoint no_endpoint;

// A thread that is not running sends: into a waiting receiver, which becomes
// ready, or it queues. `label` and what it needs in `sender.event` say which
// message is made of it. The running thread's way is ipc/transfer.h.
void post(Thread& sender, Endpoint& endpoint, u16 label, u64 badge);

}  // namespace tine

#endif  // KERNEL_IPC_ENDPOINT_H_
