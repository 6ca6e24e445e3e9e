#include "kernel/ipc/notification.h"

#include "kernel/ipc/delivery.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/thread/scheduler.h"

namespace tine {
void notify(Notification& notification, u64 bits) {
  notification.bits |= bits;
  if (notification.bits == 0) return;
  Endpoint* const endpoint = notification.endpoint;
  if (endpoint == nullptr) return;
  if (endpoint->receivers.empty()) {
    endpoint->work_waits = true;
    return;
  }
  Thread& receiver = endpoint->receivers.pop();
  deliver_notification(take_bits(notification), receiver);
  make_ready(receiver);
}

}  // namespace tine
