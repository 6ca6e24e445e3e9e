// Signals that were sent and not yet taken.
#ifndef SERVERS_PROCESS_SIGNAL_PENDING_H_
#define SERVERS_PROCESS_SIGNAL_PENDING_H_

#include "servers/linux_abi/signal.h"
#include "servers/runtime/heap.h"

namespace tine::process {

struct PosixTimer;

// What is known about one signal that is pending.
struct QueuedSignal {
  QueuedSignal* next = nullptr;
  PosixTimer* timer = nullptr;  // of which it is part; else a slab's
  u32 user = 0;                 // of SignalStore: whose limit it counts for
  linux_abi::SigInfo info;
};

// To a thread, or to a process. A signal of the set of which nothing is queued
// has no information: there was no room for it.
struct PendingSignals {
  u64 set = 0;
  QueuedSignal* first = nullptr;
  QueuedSignal* last = nullptr;

  bool has(i32 signal) const {
    return (set & linux_abi::signal_bit(signal)) != 0;
  }
  void append(QueuedSignal& queued);
  // Out of the queue; the set is the caller's.
  void unlink(QueuedSignal& queued);
};

// How many signals are queued for each user, and where they lie.
class SignalStore {
 public:
  SignalStore(Heap& heap, u64 most) : slab_(heap, most) {}
  // Null: there is no room, or the user has `limit` already.
  QueuedSignal* make(const linux_abi::SigInfo& info, u32 user, u64 limit);
  void free(QueuedSignal& queued);
  // The same for the signal that a timer has in it, for as long as there is the
  // timer. False: the user has `limit` already.
  [[nodiscard]] bool count(QueuedSignal& queued, u32 user, u64 limit);
  void uncount(const QueuedSignal& queued) { --users_[queued.user].queued; }
  u64 live() const { return slab_.live(); }
  // Of all users, timers' among them; for the invariant checker.
  u64 counted() const;

  // Takes the lowest of the signals in `set`, faults first; 0: none is pending.
  i32 take(PendingSignals& pending, u64 set, linux_abi::SigInfo& info);
  void discard(PendingSignals& pending, u64 set);

 private:
  // Users that have signals queued. More than these at a time share the last.
  static constexpr u32 kMostUsers = 64;
  struct User {
    u32 id = 0;
    u32 queued = 0;
  };
  u32 place_of(u32 id);

  Slab<QueuedSignal> slab_;
  User users_[kMostUsers];
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SIGNAL_PENDING_H_
