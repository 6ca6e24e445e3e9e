// The timers of notifications, one each, in a list sorted by deadline.
#ifndef KERNEL_THREAD_TIMER_QUEUE_H_
#define KERNEL_THREAD_TIMER_QUEUE_H_

#include "kernel/ipc/notification.h"

namespace tine {

// Sets `bits` of the notification at `deadline` ns; replaces what was set.
// kNever: none.
void timer_queue_set(Notification& notification, u64 bits, u64 deadline);
// Notifies all whose time has come.
void timer_queue_expire(u64 now);
// The next deadline, or kNever.
u64 timer_queue_next();

}  // namespace tine

#endif  // KERNEL_THREAD_TIMER_QUEUE_H_
