#include "servers/memory/mm.h"

namespace tine {

MmTable::MmTable(Heap& heap, VmaStore& store, u32 limit, Handle first_handle)
    : mms_(heap.take_array<Mm*>(limit)),
      limit_(limit),
      first_handle_(first_handle) {
  Mm* all = static_cast<Mm*>(heap.take(sizeof(Mm) * limit));
  if (mms_ == nullptr || all == nullptr) limit_ = 0;
  for (u32 i = 0; i < limit_; ++i) mms_[i] = new (&all[i]) Mm(store);
}

Mm* MmTable::take() {
  if (FAULT_SITE("mm")) return nullptr;
  Mm* mm = free_;
  if (mm != nullptr) {
    free_ = mm->next_free;
  } else {
    if (made_ == limit_) return nullptr;
    mm = mms_[made_];
    mm->id = kFirstUserBadge | made_;
    mm->space = first_handle_ + made_++;
  }
  mm->state = MmState::kPrepared;
  mm->break_start = mm->break_end = mm->mmap_top = mm->charged = 0;
  mm->stack_top = 0;
  mm->most_pages = mm->most_data_pages = kNoLimit;
  mm->most_stack_bytes = mm->most_locked = kNoLimit;
  mm->lock_future = mm->lock_on_fault = false;
  mm->locked = mm->most_seen = mm->most_resident = 0;
  mm->has_fork_advice = false;
  ++live_;
  return mm;
}

void MmTable::release(Mm& mm) {
  mm.areas.clear();
  mm.state = MmState::kFree;
  mm.id += kFirstUserBadge;  // the next generation
  if (mm.id < kFirstUserBadge) mm.id |= kFirstUserBadge;
  mm.next_free = free_;
  free_ = &mm;
  --live_;
}

Mm* MmTable::find(MmId id) {
  u32 index = static_cast<u32>(id);
  if (index >= made_) return nullptr;
  Mm* mm = mms_[index];
  return mm->id == id && mm->state != MmState::kFree ? mm : nullptr;
}

}  // namespace tine
