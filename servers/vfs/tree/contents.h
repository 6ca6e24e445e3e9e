// Contents of regular files, each in a sparse memory object of the memory
// server: a page gets a frame when it is first written, and reads as zeros
// before. The memory server need not know a file's size until the file is
// mapped or run; from then on it is told of each change.
#ifndef SERVERS_VFS_TREE_CONTENTS_H_
#define SERVERS_VFS_TREE_CONTENTS_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/tree/inode.h"

namespace tine::vfs {

class Contents {
 public:
  // No offset or size is beyond.
  static constexpr u64 kMostBytes = u64{1} << 39;

  Contents(Heap& heap, u32 most_files, u64 memory_bytes);

  // Before bytes are copied into the object at `offset`: makes the object,
  // makes zeros of what lies between the file's end and `offset`, and lessens
  // `bytes` to what there is room for. 0, ENOSPC, ENOMEM, EFBIG.
  i64 prepare_write(Inode& inode, u64 offset, u64& bytes);
  // After them: so many were.
  void finish_write(Inode& inode, u64 offset, u64 bytes);

  // Cuts off or extends by a hole. 0, ENOMEM, EFBIG.
  i64 resize(Inode& inode, u64 bytes);
  // Gives frames to what has none, and extends the file if `extends`. On
  // failure some may have got theirs. 0, ENOSPC, ENOMEM, EFBIG.
  i64 allocate(Inode& inode, u64 offset, u64 bytes, bool extends);
  // Zeros without frames from now on. 0, ENOMEM.
  i64 punch(Inode& inode, u64 offset, u64 bytes);
  // The first offset from `offset` on that is in a page with a frame (`data`)
  // or without: that one's begin, or `offset`.
  u64 next_of_kind(Inode& inode, u64 offset, bool data);
  // Before it is mapped or run: there is an object and it has the file's size.
  // 0, ENOMEM, ENOSPC.
  i64 publish(Inode& inode);

  // The object of an inode that has none. 0, ENOMEM, ENOSPC: no more files.
  i64 make_object(Inode& inode);
  void drop(Inode& inode);
  // Counts the file's frames anew: programs that map it may have added some.
  void count(Inode& inode);

  u64 pages() const { return pages_; }
  u64 most_pages() const { return most_pages_; }
  // Files with contents, for the invariant checker.
  u32 live() const { return used_handles_ - free_count_; }

 private:
  i64 tell_size(Inode& inode, u64 bytes, u64 before);
  // Zeros behind the end in its page, where a program may have written.
  i64 clear_tail(Inode& inode);
  Handle take_handle();
  void release_handle(Handle handle);

  u64 pages_ = 0;  // that have frames
  u64 most_pages_;
  // Handles of objects: those given back, then those never used.
  Handle* free_handles_;
  u32 free_count_ = 0;
  u32 most_handles_;
  u32 used_handles_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_CONTENTS_H_
