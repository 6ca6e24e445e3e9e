#include "servers/process/sysv/block_pool.h"

#include "servers/runtime/sys.h"

namespace tine::process::sysv {

// A 128th of memory, between 256 KiB and 8 MiB.
u64 BlockPool::area_bytes(u64 memory_bytes) {
  constexpr u64 kLeast = bytes_of(kClasses - 1);
  constexpr u64 kMost = u64{8} << 20;
  const u64 share = memory_bytes / 128 & ~(kLeast - 1);
  return share < kLeast ? kLeast : share > kMost ? kMost : share;
}

u64 BlockPool::heap_bytes(u64 memory_bytes) {
  const u64 bytes = area_bytes(memory_bytes);
  return bytes + bytes / kUnit + kUnit;
}

BlockPool::BlockPool(Heap& heap, u64 memory_bytes)
    : bytes_(area_bytes(memory_bytes)) {
  classes_ = heap.take_array<u8>(bytes_ / kUnit);
  base_ = reinterpret_cast<u64>(heap.take(bytes_, kUnit));
  if (classes_ == nullptr || base_ == 0) {
    sys::fail("process: no memory for System V IPC");
  }
  constexpr u32 kLargest = kClasses - 1;
  for (u64 at = bytes_; at != 0;) {
    at -= bytes_of(kLargest);
    put(at, kLargest);
  }
}

void BlockPool::put(u64 offset, u32 size_class) {
  FreeBlock* block = block_at(offset);
  block->previous = nullptr;
  block->next = free_[size_class];
  if (block->next != nullptr) block->next->previous = block;
  free_[size_class] = block;
  classes_[offset / kUnit] = static_cast<u8>(size_class | kIsFree);
}

void BlockPool::take_out(FreeBlock* block, u32 size_class) {
  if (block->next != nullptr) block->next->previous = block->previous;
  (block->previous != nullptr ? block->previous->next : free_[size_class]) =
      block->next;
}

void* BlockPool::take(u64 bytes) {
  if (FAULT_SITE("ipc block")) return nullptr;
  u32 wanted = 0;
  while (wanted < kClasses && bytes_of(wanted) < bytes) ++wanted;
  u32 found = wanted;
  while (found < kClasses && free_[found] == nullptr) ++found;
  if (found >= kClasses) return nullptr;
  FreeBlock* block = free_[found];
  take_out(block, found);
  const u64 offset = reinterpret_cast<u64>(block) - base_;
  while (found > wanted) {
    --found;
    put(offset + bytes_of(found), found);
  }
  classes_[offset / kUnit] = static_cast<u8>(wanted);
  ++live_;
  return block;
}

void BlockPool::give(void* block) {
  u64 offset = reinterpret_cast<u64>(block) - base_;
  u32 size_class = classes_[offset / kUnit];
  while (size_class + 1 < kClasses) {
    const u64 buddy = offset ^ bytes_of(size_class);
    if (classes_[buddy / kUnit] != (size_class | kIsFree)) break;
    take_out(block_at(buddy), size_class);
    offset &= ~bytes_of(size_class);
    ++size_class;
  }
  put(offset, size_class);
  --live_;
}

}  // namespace tine::process::sysv
