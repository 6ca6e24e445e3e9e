#include "servers/memory/vma_map.h"

namespace tine {

void VmaStore::start(Heap& heap) {
  bytes_ = heap.left() / kUnit;
  bytes_ = bytes_ == 0 ? 0 : (bytes_ - 1) * kUnit;  // one for the alignment
  base_ = reinterpret_cast<u64>(heap.take(bytes_, kUnit));
  if (base_ == 0) bytes_ = 0;
  for (u64 offset = 0; offset < bytes_;) {
    u32 size_class = kClasses - 1;
    while (offset % bytes_of(size_class) != 0 ||
           bytes_of(size_class) > bytes_ - offset) {
      --size_class;
    }
    put(at(offset), size_class);
    offset += bytes_of(size_class);
  }
}

void VmaStore::put(Block* block, u32 size_class) {
  block->refs = 0;
  block->size_class = size_class;
  block->previous_free = nullptr;
  block->next_free = free_[size_class];
  if (block->next_free != nullptr) block->next_free->previous_free = block;
  free_[size_class] = block;
}

void VmaStore::take_out(Block* block) {
  if (block->next_free != nullptr) {
    block->next_free->previous_free = block->previous_free;
  }
  (block->previous_free == nullptr ? free_[block->size_class]
                                   : block->previous_free->next_free) =
      block->next_free;
}

VmaStore::Block* VmaStore::take(u32 areas) {
  if (FAULT_SITE("vma block")) return nullptr;
  u32 size_class = 0;
  while (capacity_of(size_class) < areas) ++size_class;
  const u64 bytes = bytes_of(size_class);
  // A quarter is left for the two smallest, enough for most programs:
  // those with many areas keep nobody from being started.
  const bool is_large = size_class >= kLarge;
  if (is_large && bytes_in_large_ + bytes > bytes_ / 4 * 3) return nullptr;
  u32 found = size_class;
  while (found < kClasses && free_[found] == nullptr) ++found;
  if (found == kClasses) return nullptr;
  Block* block = free_[found];
  take_out(block);
  while (found != size_class) {
    --found;
    put(at(reinterpret_cast<u64>(block) - base_ + bytes_of(found)), found);
  }
  if (is_large) bytes_in_large_ += bytes;
  block->refs = 1;
  block->size_class = size_class;
  block->count = 0;
  block->capacity = capacity_of(size_class);
  return block;
}

void VmaStore::unref(Block* block) {
  if (--block->refs != 0) return;
  for (u32 i = 0; i < block->count; ++i) {
    const Vma& area = block->areas[i];
    if (area.has_object) objects_.unref(*objects_.at(area.object));
  }
  u32 size_class = block->size_class;
  if (size_class >= kLarge) bytes_in_large_ -= bytes_of(size_class);
  u64 offset = reinterpret_cast<u64>(block) - base_;
  for (; size_class + 1 < kClasses; ++size_class) {
    // Two halves are free or in use each, or cut up further: so a block's
    // header is always where the other half begins.
    const u64 other = offset ^ bytes_of(size_class);
    if (other + bytes_of(size_class) > bytes_) break;
    Block* half = at(other);
    if (half->refs != 0 || half->size_class != size_class) break;
    take_out(half);
    offset &= ~bytes_of(size_class);
  }
  put(at(offset), size_class);
}

}  // namespace tine
