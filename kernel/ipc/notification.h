// Notifications: a word of bits that is never lost and never blocks the sender.
#ifndef KERNEL_IPC_NOTIFICATION_H_
#define KERNEL_IPC_NOTIFICATION_H_

#include "kernel/base/object.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

// Never freed, like endpoints.
struct Notification {
  Object object;
  u64 bits;            // set and not yet delivered
  Endpoint* endpoint;  // whose receives deliver them, or null
  // Its one timer.
  u64 timer_bits;
  u64 timer_deadline;  // ns; kNever: not set
  Notification* timer_next;
};

inline u64 take_bits(Notification& notification) {
  u64 bits = notification.bits;
  notification.bits = 0;
  return bits;
}

// Sets bits, and hands all that are set to a server that receives, which
// becomes ready.
void notify(Notification& notification, u64 bits);

}  // namespace tine

#endif  // KERNEL_IPC_NOTIFICATION_H_
