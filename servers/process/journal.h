// The producing end of the journal that the servers below read
// (servers/protocol/ring.h).
#ifndef SERVERS_PROCESS_JOURNAL_H_
#define SERVERS_PROCESS_JOURNAL_H_

#include "kernel/base/fault_site.h"
#include "servers/protocol/memory.h"
#include "servers/protocol/ring.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/sys.h"

namespace tine::process {

class Journal {
 public:
  explicit Journal(u64 ring) : ring_(reinterpret_cast<Ring*>(ring)) {}

  // Room for `count` more records. False: a reader does not read.
  bool reserve(u64 count) { return !FAULT_SITE("ring slot") && room(count); }
  // The same for records of what cannot fail any more.
  void require(u64 count) {
    if (room(count)) return;
    // What is written and unseen cannot fail either: many ends in one call.
    publish_alone();
    if (!room(count)) sys::fail("process: a server below does not read");
  }
  // Into reserved room; unseen until published. Returns its place.
  u64 write(RingOp op, u64 a, u64 b = 0, u32 flags = 0, u64 c = 0) {
    ring_->slots[tail_ % Ring::kSlots] = {op, flags, a, b, c};
    if (may_wake(op)) wakes_ = true;
    return tail_++;
  }
  // The same for the end of what the record at `begin` has begun. As long as
  // the vfs server has not read that one nobody can wait for this.
  void write_end(RingOp op, u64 a, u64 begin) {
    const bool wakes = wakes_ || position(kVfs) > begin;
    write(op, a);
    wakes_ = wakes;
  }
  // If there is news the batch publishes it.
  void publish_news(sys::Batch& batch) {
    if (tail_ != published_) publish(batch);
  }
  // The batch's success publishes what was written; until then it can be
  // taken back.
  void publish(sys::Batch& batch) {
    batch.add(OpCode::kStore, kNoHandle,
              reinterpret_cast<u64>(&ring_->tail.value), tail_);
    published_ = tail_;
    if (wakes_) {
      batch.add(OpCode::kNotify, kNotifyVfs, kNewsRing);
      wakes_ = false;
    }
  }
  // A batch of nothing else, which cannot fail.
  void publish_alone() {
    sys::Batch batch;
    publish(batch);
    if (batch.run().status != Status::kOk) {
      sys::fail("process: the kernel refused a record");
    }
  }
  // What is published has been acted on when this returns.
  void have_it_read() {
    for (const Reader& reader : kReaders) {
      (void)sys::call(reader.endpoint, sys::make_message(reader.drain));
    }
  }
  // Begins what take_back() undoes, if the batch of it fails.
  void mark() { marked_ = published_; }
  void take_back() {
    tail_ = published_ = marked_;
    wakes_ = false;
  }

 private:
  struct Reader {
    RingReader reader;
    Handle endpoint;
    u16 drain;  // label by which it makes room
  };
  static constexpr Reader kVfs{RingReader::kVfs, kCallVfs,
                               static_cast<u16>(VfsLabel::kDrain)};
  static constexpr Reader kReaders[kRingReaders] = {
      {RingReader::kMemory, kCallMemory, static_cast<u16>(MemoryLabel::kDrain)},
      kVfs};

  bool room(u64 count) {
    if (tail_ - head_ + count <= Ring::kSlots) [[likely]]
      return true;
    return make_room(count);
  }
  // What is not published cannot be read: it stays.
  bool make_room(u64 count) {
    for (const Reader& reader : kReaders) {
      if (tail_ - position(reader) + count <= Ring::kSlots) continue;
      (void)sys::call(reader.endpoint, sys::make_message(reader.drain));
    }
    head_ = tail_;
    for (const Reader& reader : kReaders) {
      const u64 at = position(reader);
      if (tail_ - at > tail_ - head_) head_ = at;
    }
    return tail_ - head_ + count <= Ring::kSlots;
  }
  u64 position(const Reader& reader) {
    // Acquire: what the reader did with the slots below happened before.
    return __atomic_load_n(&ring_->head(reader.reader).value, __ATOMIC_ACQUIRE);
  }

  Ring* ring_;
  u64 tail_ = 0;
  u64 published_ = 0;
  u64 marked_ = 0;
  u64 head_ = 0;  // of the slowest reader, as last seen: no true one is below
  bool wakes_ = false;  // something unpublished may wake somebody
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_JOURNAL_H_
