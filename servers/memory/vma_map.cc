#include "servers/memory/vma_map.h"

#include "servers/memory/user_range.h"

namespace tine {

bool Vma::continues(const Vma& before) const {
  return before.end == start && before.prot == prot &&
         before.shared == shared && before.stack == stack &&
         before.heap == heap && before.uncharged == uncharged &&
         before.has_object == has_object &&
         before.never_writable == never_writable &&
         before.not_forked == not_forked &&
         before.wiped_on_fork == wiped_on_fork && before.locked == locked &&
         before.vdso == vdso &&
         (!has_object ||
          (before.object == object &&
           before.offset + (before.end - before.start) == offset));
}

VmaMap VmaMap::clone() const {
  VmaMap copy(*store_);
  copy.block_ = block_;
  if (block_ != nullptr) store_->ref(block_);
  return copy;
}

void VmaMap::clear() {
  if (block_ != nullptr) store_->unref(block_);
  block_ = nullptr;
}

u32 VmaMap::lower_bound(u64 address) const {
  u32 low = 0;
  u32 high = count();
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (block_->areas[middle].end > address) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

const Vma* VmaMap::find(u64 address) const {
  u32 i = lower_bound(address);
  if (i == count() || block_->areas[i].start > address) return nullptr;
  return &block_->areas[i];
}

bool VmaMap::overlaps(u64 start, u64 end) const {
  u32 i = lower_bound(start);
  return i < count() && block_->areas[i].start < end;
}

u64 VmaMap::pages() const {
  u64 bytes = 0;
  for (u32 i = 0; i < count(); ++i) bytes += (*this)[i].end - (*this)[i].start;
  return bytes >> kPageShift;
}

u64 VmaMap::pages_in(u64 start, u64 end) const {
  u64 bytes = 0;
  for (u32 i = lower_bound(start); i < count() && (*this)[i].start < end; ++i) {
    const Vma& area = (*this)[i];
    bytes += (area.end < end ? area.end : end) -
             (area.start > start ? area.start : start);
  }
  return bytes >> kPageShift;
}

u64 VmaMap::lower_end(u32 i) const {
  const Vma& area = (*this)[i];
  if (!area.stack) return area.start;
  return area.start > kStackGap ? area.start - kStackGap : 0;
}

bool VmaMap::is_gap(u64 start, u64 end) const {
  const u32 i = lower_bound(start);
  return i == count() || lower_end(i) >= end;
}

u64 VmaMap::find_gap(u64 bytes, u64 low, u64 high) const {
  u64 top = high;
  u32 i = lower_bound(high);
  if (i < count() && lower_end(i) < top) top = lower_end(i);
  for (;;) {
    u64 bottom = low;
    if (i > 0 && (*this)[i - 1].end > low) bottom = (*this)[i - 1].end;
    if (top > bottom && top - bottom >= bytes) return top - bytes;
    if (i == 0 || (*this)[i - 1].start <= low) return 0;
    --i;
    if (lower_end(i) < top) top = lower_end(i);
  }
}

u64 VmaMap::first_gap(u64 start, u64 end) const {
  for (u32 i = lower_bound(start); start < end; ++i) {
    if (i == count() || (*this)[i].start > start) return start;
    start = (*this)[i].end;
  }
  return end;
}

u32 VmaMap::cuts(u64 start, u64 end) const {
  const Vma* first = find(start);
  const Vma* last = find(end);
  return (first != nullptr && first->start < start) +
         (last != nullptr && last->start < end);
}

bool VmaMap::reserve(u32 more) {
  return count() + more <= VmaStore::kMaxAreas && make_room(more);
}

bool VmaMap::reserve_erase(u64 start, u64 end) {
  const Vma* area = find(start);
  const bool is_middle =
      area != nullptr && area->start < start && end < area->end;
  return count() + is_middle <= VmaStore::kMaxAreas &&
         make_room(cuts(start, end));
}

bool VmaMap::make_room(u32 more) {
  // One more than that: an edit that stops in the middle cuts there, too.
  u32 need = count() + more + 1;
  if (block_ != nullptr && block_->refs == 1 && block_->capacity >= need) {
    return true;
  }
  VmaStore::Block* block = store_->take(need);
  if (block == nullptr) return false;
  block->count = count();
  for (u32 i = 0; i < count(); ++i) {
    block->areas[i] = block_->areas[i];
    if (block->areas[i].has_object) {
      store_->objects().ref(*store_->objects().at(block->areas[i].object));
    }
  }
  if (block_ != nullptr) store_->unref(block_);
  block_ = block;
  return true;
}

void VmaMap::insert_at(u32 i, const Vma& area) {
  for (u32 k = block_->count; k > i; --k)
    block_->areas[k] = block_->areas[k - 1];
  block_->areas[i] = area;
  ++block_->count;
}

void VmaMap::remove_at(u32 i, u32 n) {
  for (u32 k = i; k < i + n; ++k) {
    const Vma& area = block_->areas[k];
    if (area.has_object) {
      store_->objects().unref(*store_->objects().at(area.object));
    }
  }
  for (u32 k = i + n; k < block_->count; ++k) {
    block_->areas[k - n] = block_->areas[k];
  }
  block_->count -= n;
}

void VmaMap::split(u64 at) {
  u32 i = lower_bound(at);
  if (i == count() || block_->areas[i].start >= at) return;
  Vma upper = block_->areas[i];
  upper.offset += at - upper.start;
  upper.start = at;
  block_->areas[i].end = at;
  if (upper.has_object) {
    store_->objects().ref(*store_->objects().at(upper.object));
  }
  insert_at(i + 1, upper);
}

void VmaMap::erase(u64 start, u64 end) {
  split(start);
  split(end);
  u32 i = lower_bound(start);
  u32 n = 0;
  while (i + n < count() && block_->areas[i + n].start < end) ++n;
  remove_at(i, n);
}

void VmaMap::merge_around(u64 start, u64 end) {
  u32 i = lower_bound(start);
  if (i > 0) --i;
  while (i + 1 < count() && block_->areas[i].start <= end) {
    if (block_->areas[i + 1].continues(block_->areas[i])) {
      u64 first = block_->areas[i].start;
      u64 offset = block_->areas[i].offset;
      remove_at(i, 1);
      block_->areas[i].start = first;
      block_->areas[i].offset = offset;
    } else {
      ++i;
    }
  }
}

void VmaMap::insert(const Vma& area) {
  insert_at(lower_bound(area.start), area);
  merge_around(area.start, area.end);
}

}  // namespace tine
