// Tables of file descriptors.
//
// The descriptors lie in a reference-counted block. fork shares the block, so
// copying a table costs the same for 3 descriptors and for 1,000 and needs no
// memory; the first edit after it copies the block. A block, not a table, owns
// the references to open files.
#ifndef SERVERS_VFS_FD_TABLE_H_
#define SERVERS_VFS_FD_TABLE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/lock/file_locks.h"
#include "servers/vfs/open/open_file.h"

namespace tine::vfs {

inline constexpr u32 kMaxFds = 4096;      // RLIMIT_NOFILE at most
inline constexpr u32 kDefaultFds = 1024;  // and at first

struct Descriptor {
  OpenFile* file = nullptr;
  bool close_on_exec = false;
};

class FdStore {
 public:
  struct Block {
    u32 refs;
    u32 size_class;
    u32 capacity;
    Block* next_free;
    Descriptor fds[];
  };

  FdStore(Heap& heap, u64 most_files, FileLocks& locks)
      : locks_(locks), heap_(heap), files_(heap, most_files) {}
  // With no descriptors, at least `capacity` of them; null: no memory.
  Block* take(u32 capacity);
  void ref(Block* block) { ++block->refs; }
  void unref(Block* block);

  // With no reference yet: put it into a table. Null: ENFILE.
  OpenFile* make_file(FileOperations& operations, Inode& inode, Entry* entry,
                      u32 flags);
  void ref(OpenFile* file) { ++file->refs; }
  void unref(OpenFile* file) {
    if (--file->refs == 0) release(file);
  }
  u64 open_files() const { return files_.live(); }

 private:
  void release(OpenFile* file);

  // Those without references that are still to be taken apart.
  OpenFile* first_released_ = nullptr;
  OpenFile** last_released_ = &first_released_;
  bool is_releasing_ = false;

  FileLocks& locks_;

  static constexpr u32 kSmallest = 16;
  static constexpr u32 kClasses = 9;
  Heap& heap_;
  Slab<OpenFile> files_;
  Block* free_[kClasses] = {};
};

class FdTable {
 public:
  u32 holders = 0;  // tasks: several by CLONE_FILES
  FdTable* next_free = nullptr;

  // None: null.
  OpenFile* get(u32 fd) const;
  bool close_on_exec(u32 fd) const { return block_->fds[fd].close_on_exec; }
  u32 capacity() const { return block_ == nullptr ? 0 : block_->capacity; }
  // For the invariant checker.
  const FdStore::Block* block() const { return block_; }
  // The lowest free descriptor from `from` on; kMaxFds if there is none.
  u32 find_free(u32 from) const;

  // Makes sure that the edits below cannot fail for descriptors below
  // `capacity`. False: no memory, nothing changed.
  [[nodiscard]] bool own(FdStore& store, u32 capacity);
  // The same without fail: if the block is shared, in `spare`, which must be as
  // large and is given up.
  void own_in(FdStore& store, FdStore::Block* spare);
  // After own(): `file`, with a new reference, or none at `fd`.
  void set(FdStore& store, u32 fd, OpenFile* file, bool close_on_exec);
  void set_close_on_exec(u32 fd, bool value) {
    block_->fds[fd].close_on_exec = value;
  }

  // Cannot fail.
  void share_with(FdStore& store, FdTable& copy) const;
  void exec(FdStore& store);
  void clear(FdStore& store);
  void start_with(FdStore& store, FdStore::Block* block);

 private:
  bool is_hidden(const Descriptor& fd) const {
    return hides_close_on_exec_ && fd.close_on_exec;
  }
  void move_to(FdStore& store, FdStore::Block* block);
  void close_hidden(FdStore& store);

  FdStore::Block* block_ = nullptr;
  // The program was replaced while there was no memory to copy the block:
  // descriptors with close_on_exec are closed as far as anyone can see.
  bool hides_close_on_exec_ = false;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_FD_TABLE_H_
