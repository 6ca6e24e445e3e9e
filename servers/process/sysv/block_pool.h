// Memory for what programs make of System V IPC: blocks of sizes that double
// (a buddy allocator), from one area. When that is used up, they get ENOMEM.
#ifndef SERVERS_PROCESS_SYSV_BLOCK_POOL_H_
#define SERVERS_PROCESS_SYSV_BLOCK_POOL_H_

#include "servers/runtime/heap.h"

namespace tine::process::sysv {

class BlockPool {
 public:
  // What the pool of a machine of so much memory takes of the heap.
  static u64 heap_bytes(u64 memory_bytes);

  BlockPool(Heap& heap, u64 memory_bytes);

  // At least `bytes`, aligned to 64. Null: no memory.
  void* take(u64 bytes);
  void give(void* block);
  template <typename T>
  T* make() {
    void* block = take(sizeof(T));
    return block == nullptr ? nullptr : new (block) T();
  }

  // Blocks in use.
  u64 live() const { return live_; }

 private:
  struct FreeBlock {
    FreeBlock* next;
    FreeBlock* previous;
  };
  static constexpr u64 kUnit = 64;
  static constexpr u32 kClasses = 13;  // up to 256 KiB
  static constexpr u8 kIsFree = 0x80;
  static constexpr u64 bytes_of(u32 size_class) { return kUnit << size_class; }
  static u64 area_bytes(u64 memory_bytes);

  FreeBlock* block_at(u64 offset) const {
    return reinterpret_cast<FreeBlock*>(base_ + offset);
  }
  void put(u64 offset, u32 size_class);
  void take_out(FreeBlock* block, u32 size_class);

  u64 base_ = 0;
  u64 bytes_ = 0;
  u8* classes_ = nullptr;  // of each unit that begins a block
  FreeBlock* free_[kClasses] = {};
  u64 live_ = 0;
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_BLOCK_POOL_H_
