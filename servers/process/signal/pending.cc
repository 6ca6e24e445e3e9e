#include "servers/process/signal/pending.h"

#include "servers/process/signal/posix_timer.h"

namespace tine::process {

using namespace linux_abi;

void PendingSignals::append(QueuedSignal& queued) {
  queued.next = nullptr;
  if (last != nullptr) {
    last->next = &queued;
  } else {
    first = &queued;
  }
  last = &queued;
}

void PendingSignals::unlink(QueuedSignal& queued) {
  QueuedSignal* before = nullptr;
  for (QueuedSignal* at = first; at != &queued; at = at->next) before = at;
  if (before != nullptr) {
    before->next = queued.next;
  } else {
    first = queued.next;
  }
  if (last == &queued) last = before;
}

SignalStore::User& SignalStore::user_of(u32 id) {
  User* free = nullptr;
  for (User& user : users_) {
    if (user.queued == 0) {
      if (free == nullptr) free = &user;
    } else if (user.id == id) {
      return user;
    }
  }
  if (free == nullptr) return users_[kMostUsers - 1];
  free->id = id;
  return *free;
}

QueuedSignal* SignalStore::make(const SigInfo& info, u32 user, u64 limit) {
  User& owner = user_of(user);
  if (owner.queued >= limit) return nullptr;
  QueuedSignal* queued = slab_.make();
  if (queued == nullptr) return nullptr;
  queued->info = info;
  queued->user = user;
  ++owner.queued;
  return queued;
}

void SignalStore::free(QueuedSignal& queued) {
  if (queued.timer != nullptr) {
    queued.timer->is_queued = false;
    return;
  }
  --user_of(queued.user).queued;
  slab_.free(&queued);
}

i32 SignalStore::take(PendingSignals& pending, u64 set, SigInfo& info) {
  u64 ready = pending.set & set;
  if (ready == 0) return 0;
  if ((ready & kFaultSignals) != 0) ready &= kFaultSignals;
  const i32 signal = __builtin_ctzll(ready) + 1;
  QueuedSignal* found = nullptr;
  bool more = false;
  for (QueuedSignal* at = pending.first; at != nullptr; at = at->next) {
    if (at->info.signal != signal) continue;
    if (found != nullptr) {
      more = true;
      break;
    }
    found = at;
  }
  if (!more) pending.set &= ~signal_bit(signal);
  if (found == nullptr) {
    info = {.signal = signal};
    return signal;
  }
  info = found->info;
  if (PosixTimer* timer = found->timer; timer != nullptr) {
    constexpr u64 kMost = 0x7fff'ffff;
    timer->last_overrun =
        static_cast<i32>(timer->overrun < kMost ? timer->overrun : kMost);
    info.uid = timer->last_overrun;
  }
  pending.unlink(*found);
  free(*found);
  return signal;
}

void SignalStore::discard(PendingSignals& pending, u64 set) {
  if ((pending.set & set) == 0) [[likely]]
    return;
  pending.set &= ~set;
  QueuedSignal* next;
  for (QueuedSignal* at = pending.first; at != nullptr; at = next) {
    next = at->next;
    if ((signal_bit(at->info.signal) & set) == 0) continue;
    pending.unlink(*at);
    free(*at);
  }
}

}  // namespace tine::process
