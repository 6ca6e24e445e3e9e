// Threads that wait for futex words, found by key: first come, first woken.
#ifndef SERVERS_PROCESS_FUTEX_FUTEX_TABLE_H_
#define SERVERS_PROCESS_FUTEX_FUTEX_TABLE_H_

#include "servers/process/task.h"
#include "servers/runtime/heap.h"

namespace tine::process {

class FutexTable {
 public:
  explicit FutexTable(Heap& heap) : queues_(heap.take_array<Queue>(kQueues)) {}

  // By task.futex.key, behind all others.
  void add(Task& task) {
    Queue& queue = queue_of(task.futex.key);
    task.futex.next = nullptr;
    task.futex.previous = queue.last;
    (queue.last != nullptr ? queue.last->futex.next : queue.first) = &task;
    queue.last = &task;
  }
  void remove(Task& task) {
    Queue& queue = queue_of(task.futex.key);
    Task* const next = task.futex.next;
    Task* const previous = task.futex.previous;
    (previous != nullptr ? previous->futex.next : queue.first) = next;
    (next != nullptr ? next->futex.previous : queue.last) = previous;
  }
  // `f` for every waiter on the word until it returns false; it may remove that
  // waiter, but no other.
  template <typename F>
  void for_each(const FutexKey& key, F f) {
    Task* next;
    for (Task* task = queue_of(key).first; task != nullptr; task = next) {
      next = task->futex.next;
      if (task->futex.key == key && !f(*task)) return;
    }
  }

 private:
  // Waiters of other words are passed over: as many queues as spare that
  // with thousands of words waited for.
  static constexpr u32 kQueueBits = 12;
  static constexpr u32 kQueues = 1u << kQueueBits;
  struct Queue {
    Task* first = nullptr;
    Task* last = nullptr;
  };
  Queue& queue_of(const FutexKey& key) {
    // Fibonacci hashing: the upper bits of the product depend on all of both.
    constexpr u64 kGolden = 0x9e37'79b9'7f4a'7c15;
    const u64 mixed = (key.owner * kGolden ^ key.place) * kGolden;
    return queues_[mixed >> (64 - kQueueBits)];
  }

  Queue* queues_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_FUTEX_FUTEX_TABLE_H_
