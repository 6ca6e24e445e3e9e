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

u32 SignalStore::place_of(u32 id) {
  u32 free = kMostUsers;
  for (u32 i = 0; i < kMostUsers; ++i) {
    if (users_[i].queued == 0) {
      if (free == kMostUsers) free = i;
    } else if (users_[i].id == id) {
      return i;
    }
  }
  if (free == kMostUsers) return kMostUsers - 1;
  users_[free].id = id;
  return free;
}

bool SignalStore::count(QueuedSignal& queued, u32 user, u64 limit) {
  const u32 place = place_of(user);
  if (users_[place].queued >= limit) return false;
  ++users_[place].queued;
  queued.user = place;
  return true;
}

u64 SignalStore::counted() const {
  u64 sum = 0;
  for (const User& user : users_) sum += user.queued;
  return sum;
}

QueuedSignal* SignalStore::make(const SigInfo& info, u32 user, u64 limit) {
  QueuedSignal* queued = slab_.make();
  if (queued == nullptr) return nullptr;
  if (!count(*queued, user, limit)) {
    slab_.free(queued);
    return nullptr;
  }
  queued->info = info;
  return queued;
}

void SignalStore::free(QueuedSignal& queued) {
  if (queued.timer != nullptr) {
    queued.timer->is_queued = false;
    return;
  }
  uncount(queued);
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
