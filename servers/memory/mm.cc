#include "servers/memory/mm.h"

namespace tine {

MmTable::MmTable(Heap& heap, VmaStore& store, u32 limit, Handle first_handle)
    : heap_(heap),
      store_(store),
      mms_(heap.take_array<Mm*>(limit)),
      limit_(mms_ == nullptr ? 0 : limit),
      first_handle_(first_handle) {}

Mm* MmTable::take() {
  if (FAULT_SITE("mm")) return nullptr;
  Mm* mm = free_;
  if (mm != nullptr) {
    free_ = mm->next_free;
  } else {
    if (made_ == limit_) return nullptr;
    void* memory = heap_.take(sizeof(Mm));
    if (memory == nullptr) return nullptr;
    mm = new (memory) Mm(store_);
    mm->id = kFirstUserBadge | made_;
    mm->space = first_handle_ + made_;
    mms_[made_++] = mm;
  }
  mm->state = MmState::kPrepared;
  mm->break_start = mm->break_end = mm->mmap_top = mm->charged = 0;
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
