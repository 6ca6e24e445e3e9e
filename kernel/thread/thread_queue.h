// A queue of threads, linked through the threads themselves. A thread is in at
// most one: the run queue, or the one of the endpoint it waits at.
#ifndef KERNEL_THREAD_THREAD_QUEUE_H_
#define KERNEL_THREAD_THREAD_QUEUE_H_

#include "kernel/thread/thread.h"

namespace tine {

struct ThreadQueue {
  Thread* first = nullptr;
  Thread* last = nullptr;

  bool empty() const { return first == nullptr; }

  void push_back(Thread& thread) {
    thread.queue_next = nullptr;
    thread.queue_previous = last;
    (last != nullptr ? last->queue_next : first) = &thread;
    last = &thread;
  }

  void push_front(Thread& thread) {
    thread.queue_previous = nullptr;
    thread.queue_next = first;
    (first != nullptr ? first->queue_previous : last) = &thread;
    first = &thread;
  }

  // The queue must not be empty.
  Thread& pop_front() {
    Thread& thread = *first;
    first = thread.queue_next;
    (first != nullptr ? first->queue_previous : last) = nullptr;
    return thread;
  }

  void remove(Thread& thread) {
    (thread.queue_previous != nullptr ? thread.queue_previous->queue_next
                                      : first) = thread.queue_next;
    (thread.queue_next != nullptr ? thread.queue_next->queue_previous : last) =
        thread.queue_previous;
  }
};

// Threads of which the last to come is the first to go.
struct ThreadStack {
  Thread* first = nullptr;

  bool empty() const { return first == nullptr; }

  void push(Thread& thread) {
    thread.queue_next = first;
    first = &thread;
  }

  // The stack must not be empty.
  Thread& pop() {
    Thread& thread = *first;
    first = thread.queue_next;
    return thread;
  }

  // In time that grows with the stack.
  void remove(Thread& thread) {
    Thread** at = &first;
    while (*at != &thread) at = &(*at)->queue_next;
    *at = thread.queue_next;
  }
};

}  // namespace tine

#endif  // KERNEL_THREAD_THREAD_QUEUE_H_
