#include "kernel/ipc/notification.h"

#include "kernel/ipc/delivery.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/thread/scheduler.h"

namespace tine {
namespace {

void deliver_wait(Thread& waiter, u64 bits) {
  waiter.frame.message.words[0] = bits;
  waiter.frame.message.tag = 0;
}

}  // namespace

void notify(Notification& notification, u64 bits) {
  notification.bits |= bits;
  if (notification.bits == 0) return;
  if (Thread* waiter = notification.waiter) {
    notification.waiter = nullptr;
    deliver_wait(*waiter, take_bits(notification));
    make_ready(*waiter);
  } else if (Endpoint* endpoint = notification.endpoint;
             endpoint != nullptr && !endpoint->receivers.empty()) {
    Thread& receiver = endpoint->receivers.pop_front();
    deliver_notification(take_bits(notification), receiver);
    make_ready(receiver);
  }
}

Thread* wait(PerCpu& cpu, Thread& server, Notification& notification) {
  if (notification.bits != 0) {
    deliver_wait(server, take_bits(notification));
    return &server;
  }
  if (notification.waiter != nullptr) return nullptr;
  server.state = ThreadState::kWaiting;
  server.notification = &notification;
  notification.waiter = &server;
  return run_next(cpu);
}

}  // namespace tine
