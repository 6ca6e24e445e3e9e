// Who waits for futex words, found by key: first come, first woken.
#ifndef SERVERS_PROCESS_FUTEX_FUTEX_TABLE_H_
#define SERVERS_PROCESS_FUTEX_FUTEX_TABLE_H_

#include "servers/process/task.h"
#include "servers/runtime/heap.h"

namespace tine::process {

class FutexTable {
 public:
  explicit FutexTable(Heap& heap) : queues_(heap.take_array<Queue>(kQueues)) {}

  // By its key, behind all others.
  void add(FutexWaiter& waiter) {
    Queue& queue = queue_of(waiter.key);
    waiter.next = nullptr;
    waiter.previous = queue.last;
    (queue.last != nullptr ? queue.last->next : queue.first) = &waiter;
    queue.last = &waiter;
  }
  void remove(FutexWaiter& waiter) {
    Queue& queue = queue_of(waiter.key);
    FutexWaiter* const next = waiter.next;
    FutexWaiter* const previous = waiter.previous;
    (previous != nullptr ? previous->next : queue.first) = next;
    (next != nullptr ? next->previous : queue.last) = previous;
  }
  void move(FutexWaiter& waiter, const FutexKey& key) {
    remove(waiter);
    waiter.key = key;
    add(waiter);
  }
  // `f` for every waiter on the word until it returns false; it may remove or
  // move that waiter, or end the wait of its task, but touch no other.
  template <typename F>
  void for_each(const FutexKey& key, F f) {
    FutexWaiter* next;
    for (FutexWaiter* waiter = queue_of(key).first; waiter != nullptr;
         waiter = next) {
      next = waiter->next;
      if (waiter->key != key) continue;
      // A task that waits no longer takes all of its waiters away.
      const Task* const task = waiter->task;
      FutexWaiter* other = next;
      while (other != nullptr && other->task == task) other = other->next;
      if (!f(*waiter)) return;
      if (task->wait == Wait::kNone) next = other;
    }
  }

 private:
  // Waiters of other words are passed over: as many queues as spare that
  // with thousands of words waited for.
  static constexpr u32 kQueueBits = 12;
  static constexpr u32 kQueues = 1u << kQueueBits;
  struct Queue {
    FutexWaiter* first = nullptr;
    FutexWaiter* last = nullptr;
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
