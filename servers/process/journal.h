// The producing end of a ring to a server below (servers/protocol/ring.h).
#ifndef SERVERS_PROCESS_JOURNAL_H_
#define SERVERS_PROCESS_JOURNAL_H_

#include "kernel/base/fault_site.h"
#include "servers/protocol/ring.h"
#include "servers/runtime/sys.h"

namespace tine::process {

class Journal {
 public:
  // `drain` is the label by which the reader at `reader` makes room.
  Journal(u64 ring, Handle reader, u16 drain, Handle news)
      : ring_(reinterpret_cast<Ring*>(ring)),
        reader_(reader),
        drain_(drain),
        news_(news) {}

  // Room for `count` more records. False: the reader does not read.
  bool reserve(u64 count) { return !FAULT_SITE("ring slot") && room(count); }
  // The same for records of what cannot fail any more.
  void require(u64 count) {
    if (!room(count)) sys::fail("process: a server below does not read");
  }
  // Into reserved room; unseen until published.
  void write(RingOp op, u64 a, u64 b = 0, u32 flags = 0, u64 c = 0) {
    ring_->slots[tail_++ % Ring::kSlots] = {op, flags, a, b, c};
  }
  // If there is news the batch publishes it and wakes the reader.
  void publish_news(sys::Batch& batch) {
    if (tail_ == published_) return;
    publish(batch);
    batch.add(OpCode::kNotify, news_, kNewsRing);
  }
  // The batch's success publishes what was written; until then it can be
  // taken back.
  void publish(sys::Batch& batch) {
    batch.add(OpCode::kStore, kNoHandle, reinterpret_cast<u64>(&ring_->tail),
              tail_);
    published_ = tail_;
  }
  // Begins what take_back() undoes, if the batch of it fails. A batch need not
  // publish on every journal that was marked for it.
  void mark() { marked_ = published_; }
  void take_back() { tail_ = published_ = marked_; }
  // Drops what was written and not published.
  void forget() { tail_ = published_; }

 private:
  bool room(u64 count) {
    if (tail_ - head_ + count <= Ring::kSlots) [[likely]]
      return true;
    return make_room(count);
  }
  bool make_room(u64 count) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      // Acquire: what the reader did with the slots below happened before.
      head_ = __atomic_load_n(&ring_->head, __ATOMIC_ACQUIRE);
      if (tail_ - head_ + count <= Ring::kSlots) return true;
      (void)sys::call(reader_, sys::make_message(drain_));
    }
    head_ = __atomic_load_n(&ring_->head, __ATOMIC_ACQUIRE);
    return tail_ - head_ + count <= Ring::kSlots;
  }

  Ring* ring_;
  Handle reader_;
  u16 drain_;
  Handle news_;
  u64 tail_ = 0;
  u64 published_ = 0;
  u64 marked_ = 0;
  u64 head_ = 0;  // as last seen: the true one is not below
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_JOURNAL_H_
