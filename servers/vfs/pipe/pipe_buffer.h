// The bytes in a pipe, in pages as Linux keeps them: a write goes on in the
// last page if its odd part fits there and takes a slot for each page else, so
// that programs find the pipe full when Linux's would be.
#ifndef SERVERS_VFS_PIPE_PIPE_BUFFER_H_
#define SERVERS_VFS_PIPE_PIPE_BUFFER_H_

#include "servers/vfs/open/transfer.h"
#include "servers/vfs/pipe/page_pool.h"

namespace tine::vfs {

class PipeBuffer {
 public:
  static constexpr u32 kUsualSlots = 16;
  static constexpr u32 kMostSlots = 256;

  explicit PipeBuffer(PagePool& pool) : pool_(pool) {}
  PipeBuffer(const PipeBuffer&) = delete;
  ~PipeBuffer();

  // Takes the page that is always there, so that an empty pipe always takes
  // PIPE_BUF bytes; so does one with a free slot after this. False: no memory.
  [[nodiscard]] bool prepare();

  bool is_empty() const { return used_ == 0; }
  // No slot or no page is left.
  bool is_full() const;
  u64 bytes() const { return bytes_; }
  u32 slots() const { return most_; }
  // 0, EBUSY: more are in use; ENOMEM.
  i64 set_slots(u32 slots);

  // Bytes moved. They leave the buffer after they were copied; of a packet the
  // rest goes, too.
  u64 read(Transfer& to);
  // `as_packets`: each page is one that only one read gets something of.
  u64 write(Transfer& from, bool as_packets);
  // What a read would get after `skipped` bytes; it stays.
  u64 peek(Transfer& to, u64 skipped) const;
  // As if `bytes` had been read.
  void drop(u64 bytes);

 private:
  struct Slot {
    u8* page;
    u32 begin;
    u16 bytes;
    bool is_packet;
  };
  static_assert(sizeof(Slot) * kMostSlots <= kPageSize);

  Slot& slot(u32 n) { return slots_[(first_ + n) % most_]; }
  const Slot& slot(u32 n) const { return slots_[(first_ + n) % most_]; }
  void drop_first();
  u8* take_page();
  void give_page(u8* page);
  u64 write_odd_part(Transfer& from);

  PagePool& pool_;
  u8* spare_ = nullptr;  // the next that is written
  Slot few_[kUsualSlots];
  Slot* slots_ = few_;  // or a page of the pool
  u32 most_ = kUsualSlots;
  u32 first_ = 0;
  u32 used_ = 0;
  u64 bytes_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PIPE_PIPE_BUFFER_H_
