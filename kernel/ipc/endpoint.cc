#include "kernel/ipc/endpoint.h"

#include "kernel/ipc/transfer.h"

namespace tine {
namespace {

void queue(Thread& sender, Endpoint& endpoint) {
  sender.state = ThreadState::kSending;
  sender.endpoint = &endpoint;
  endpoint.senders.push_back(sender);
}

}  // namespace

Thread* send_queued(PerCpu& cpu, Thread& sender, Endpoint& endpoint,
                    u16 label) {
  sender.send_label = label;
  queue(sender, endpoint);
  return run_next(cpu);
}

void post(Thread& sender, Endpoint& endpoint, u16 label, u64 badge) {
  sender.send_label = label;
  sender.send_badge = badge;
  if (endpoint.receivers.empty()) {
    queue(sender, endpoint);
    return;
  }
  Thread& receiver = endpoint.receivers.pop_front();
  deliver_any(sender, receiver);
  make_ready(receiver);
}

// The server goes on with what waits; the answered thread runs after it.
Thread* receive_more(Thread& server, Endpoint& endpoint, Thread* answered) {
  if (answered != nullptr) make_ready_first(*answered);
  if (Notification* bound = endpoint.bound;
      bound != nullptr && bound->bits != 0) {
    deliver_notification(take_bits(*bound), server);
  } else {
    deliver_any(endpoint.senders.pop_front(), server);
  }
  return &server;
}

}  // namespace tine
