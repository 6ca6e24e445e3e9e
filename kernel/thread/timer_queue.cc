#include "kernel/thread/timer_queue.h"

namespace tine {
namespace {

constinit Notification* first = nullptr;

}  // namespace

void timer_queue_set(Notification& notification, u64 bits, u64 deadline) {
  if (notification.timer_deadline != kNever) {
    Notification** at = &first;
    while (*at != &notification) at = &(*at)->timer_next;
    *at = notification.timer_next;
  }
  notification.timer_bits = bits;
  notification.timer_deadline = deadline;
  if (deadline == kNever) return;
  Notification** at = &first;
  while (*at != nullptr && (*at)->timer_deadline <= deadline) {
    at = &(*at)->timer_next;
  }
  notification.timer_next = *at;
  *at = &notification;
}

void timer_queue_expire(u64 now) {
  while (first != nullptr && first->timer_deadline <= now) {
    Notification& due = *first;
    first = due.timer_next;
    due.timer_deadline = kNever;
    notify(due, due.timer_bits);
  }
}

u64 timer_queue_next() {
  return first != nullptr ? first->timer_deadline : kNever;
}

}  // namespace tine
