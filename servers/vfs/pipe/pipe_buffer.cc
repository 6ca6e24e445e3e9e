#include "servers/vfs/pipe/pipe_buffer.h"

#include "servers/linux_abi/errno.h"

namespace tine::vfs {

PipeBuffer::~PipeBuffer() {
  for (u32 i = 0; i < used_; ++i) pool_.give(slot(i).page);
  if (spare_ != nullptr) pool_.give(spare_);
  if (slots_ != few_) pool_.give(reinterpret_cast<u8*>(slots_));
}

bool PipeBuffer::prepare() {
  if (spare_ == nullptr) spare_ = pool_.take();
  return spare_ != nullptr;
}

u8* PipeBuffer::take_page() {
  if (spare_ == nullptr) return pool_.take();
  u8* page = spare_;
  spare_ = nullptr;
  return page;
}

void PipeBuffer::give_page(u8* page) {
  if (used_ == 0 && spare_ == nullptr) {
    spare_ = page;
  } else {
    pool_.give(page);
  }
}

bool PipeBuffer::is_full() const { return used_ == most_; }

i64 PipeBuffer::set_slots(u32 slots) {
  if (slots < used_) return -linux_abi::EBUSY;
  Slot* to = few_;
  if (slots > kUsualSlots) {
    u8* page = pool_.take();
    if (page == nullptr) return -linux_abi::ENOMEM;
    to = reinterpret_cast<Slot*>(page);
  }
  // In place only when what is used starts at the front.
  Slot kept[kMostSlots];
  for (u32 i = 0; i < used_; ++i) kept[i] = slot(i);
  for (u32 i = 0; i < used_; ++i) to[i] = kept[i];
  if (slots_ != few_) pool_.give(reinterpret_cast<u8*>(slots_));
  slots_ = to;
  most_ = slots;
  first_ = 0;
  return 0;
}

u64 PipeBuffer::read(Transfer& to) {
  u64 done = 0;
  while (used_ != 0 && to.left() != 0) {
    Slot& from = slot(0);
    const u64 part = to.put(from.page + from.begin, from.bytes);
    from.begin += static_cast<u32>(part);
    from.bytes = static_cast<u16>(from.bytes - part);
    bytes_ -= part;
    done += part;
    if (from.is_packet && !to.has_failed()) {
      drop_first();
      break;
    }
    if (from.bytes != 0) break;
    drop_first();
  }
  return done;
}

void PipeBuffer::drop_first() {
  Slot& gone = slot(0);
  bytes_ -= gone.bytes;
  u8* page = gone.page;
  first_ = (first_ + 1) % most_;
  --used_;
  give_page(page);
}

u64 PipeBuffer::peek(Transfer& to, u64 skipped) const {
  u64 done = 0;
  for (u32 i = 0; i < used_ && to.left() != 0 && !to.has_failed(); ++i) {
    const Slot& from = slot(i);
    if (skipped >= from.bytes) {
      skipped -= from.bytes;
      continue;
    }
    done += to.put(from.page + from.begin + skipped, from.bytes - skipped);
    skipped = 0;
  }
  return done;
}

void PipeBuffer::drop(u64 bytes) {
  while (bytes != 0 && used_ != 0) {
    Slot& from = slot(0);
    if (bytes >= from.bytes) {
      bytes -= from.bytes;
      drop_first();
    } else {
      from.begin += static_cast<u32>(bytes);
      from.bytes = static_cast<u16>(from.bytes - bytes);
      bytes_ -= bytes;
      return;
    }
  }
}

// Linux merges what is beyond whole pages with the last slot, if all of it
// fits.
u64 PipeBuffer::write_odd_part(Transfer& from) {
  const u64 odd = from.left() % kPageSize;
  if (odd == 0 || used_ == 0) return 0;
  Slot& last = slot(used_ - 1);
  const u64 end = last.begin + last.bytes;
  if (end + odd > kPageSize || last.is_packet) return 0;
  const u64 done = from.get(last.page + end, odd);
  last.bytes = static_cast<u16>(last.bytes + done);
  return done;
}

u64 PipeBuffer::write(Transfer& from, bool as_packets) {
  u64 done = as_packets ? 0 : write_odd_part(from);
  while (from.left() != 0 && !from.has_failed() && used_ < most_) {
    u8* page = take_page();
    if (page == nullptr) break;
    const u64 part = from.get(page, kPageSize);
    if (part == 0) {
      give_page(page);
      break;
    }
    slot(used_++) = {page, 0, static_cast<u16>(part), as_packets};
    done += part;
  }
  bytes_ += done;
  return done;
}

}  // namespace tine::vfs
