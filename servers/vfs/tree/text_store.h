// Room for names and targets of symlinks, reused after free.
#ifndef SERVERS_VFS_TREE_TEXT_STORE_H_
#define SERVERS_VFS_TREE_TEXT_STORE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/tree/text.h"

namespace tine::vfs {

class TextStore {
 public:
  // Leaves at least `reserve` bytes of the heap to others.
  TextStore(Heap& heap, u64 reserve) : heap_(heap), reserve_(reserve) {}
  // A copy with a NUL behind it; null bytes: no memory.
  Text keep(Text text);
  void drop(Text text);
  u64 live() const { return live_; }

 private:
  // Pieces of 32, 64, ... 4096 bytes.
  static constexpr u64 kSmallest = 32;
  static constexpr unsigned kClasses = 8;
  static unsigned class_of(u64 bytes);

  Heap& heap_;
  u64 reserve_;
  u64 live_ = 0;
  void* free_[kClasses] = {};
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_TEXT_STORE_H_
