#include "kernel/ipc/notification.h"

#include "kernel/ipc/delivery.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/thread/scheduler.h"

namespace tine {
void notify(Notification& notification, u64 bits) {
  notification.bits |= bits;
  if (notification.bits == 0) return;
  if (Endpoint* endpoint = notification.endpoint;
      endpoint != nullptr && !endpoint->receivers.empty()) {
    Thread& receiver = endpoint->receivers.pop_front();
    deliver_notification(take_bits(notification), receiver);
    make_ready(receiver);
  }
}

}  // namespace tine
