#include "kernel/ipc/endpoint.h"

#include "kernel/ipc/delivery.h"
#include "kernel/ipc/transfer.h"

namespace tine {

constinit Endpoint no_endpoint{.object = {},
                               .bound = nullptr,
                               .work_waits = true,
                               .receivers = {},
                               .senders = {}};

namespace {

void queue(Thread& sender, Endpoint& endpoint) {
  sender.state = ThreadState::kSending;
  sender.endpoint = &endpoint;
  endpoint.senders.push_back(sender);
  endpoint.work_waits = true;
}

}  // namespace

Thread* send(PerCpu& cpu, Thread& sender, Endpoint& endpoint, u16 label) {
  sender.send_label = label;
  if (endpoint.receivers.empty()) {
    queue(sender, endpoint);
    return run_next(cpu);
  }
  Thread& receiver = endpoint.receivers.pop();
  deliver(sender, receiver);
  receiver.state = ThreadState::kReady;
  return load_quickly(cpu, receiver) ? &receiver : switch_to(cpu, receiver);
}

void post(Thread& sender, Endpoint& endpoint, u16 label, u64 badge) {
  sender.send_label = label;
  sender.send_badge = badge;
  if (endpoint.receivers.empty()) {
    queue(sender, endpoint);
    return;
  }
  Thread& receiver = endpoint.receivers.pop();
  deliver(sender, receiver);
  make_ready(receiver);
}

Thread* answer_and_receive(PerCpu& cpu, Thread& server, Endpoint& endpoint,
                           Thread* caller) {
  const MessageRegisters& message = server.frame.message;
  if (caller != nullptr && !answer(*caller, message.words, message.tag)) {
    caller = nullptr;
  }
  Notification* const bound = endpoint.bound;
  const bool notified = bound != nullptr && bound->bits != 0;
  if (!notified && endpoint.senders.empty()) {
    endpoint.work_waits = false;
    wait_for_message(server, endpoint);
    return caller != nullptr ? run_answered(cpu, *caller) : run_next(cpu);
  }
  // The server goes on with what waits; the answered thread runs after it.
  if (caller != nullptr) make_ready_first(*caller);
  if (notified) {
    deliver_notification(take_bits(*bound), server);
  } else {
    deliver(endpoint.senders.pop_front(), server);
  }
  endpoint.work_waits = !endpoint.senders.empty();
  return &server;
}

}  // namespace tine
