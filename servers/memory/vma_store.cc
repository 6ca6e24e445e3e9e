#include "servers/memory/vma_map.h"

namespace tine {

VmaStore::Block* VmaStore::take(u32 areas) {
  if (areas > kMaxAreas || FAULT_SITE("vma block")) return nullptr;
  u32 size_class = 0;
  while ((kSmallest << size_class) < areas) ++size_class;
  Block* block = free_[size_class];
  if (block != nullptr) {
    free_[size_class] = block->next_free;
  } else {
    u64 bytes = sizeof(Block) + sizeof(Vma) * (u64{kSmallest} << size_class);
    block = static_cast<Block*>(heap_.take(bytes));
    if (block == nullptr) return nullptr;
    block->size_class = size_class;
    block->capacity = kSmallest << size_class;
  }
  block->refs = 1;
  block->count = 0;
  block->next_free = nullptr;
  return block;
}

void VmaStore::unref(Block* block) {
  if (--block->refs != 0) return;
  for (u32 i = 0; i < block->count; ++i) {
    const Vma& area = block->areas[i];
    if (area.has_object) objects_.unref(*objects_.at(area.object));
  }
  block->next_free = free_[block->size_class];
  free_[block->size_class] = block;
}

}  // namespace tine
