// The tree of the root file system. It is made at boot and read-only from then
// on, so entries never move or go away: references to them need no counts.
#ifndef SERVERS_VFS_FILE_SYSTEM_H_
#define SERVERS_VFS_FILE_SYSTEM_H_

#include "kernel/abi/batch.h"
#include "servers/linux_abi/file.h"
#include "servers/protocol/memory.h"
#include "servers/runtime/heap.h"

namespace tine::vfs {

// Bytes of a path or of one component; not NUL-terminated.
struct Text {
  const char* bytes;
  u64 count;

  bool is(const char* other) const;
};

struct Inode {
  u64 number = 0;
  u32 mode = 0;
  u32 links = 0;
  u32 uid = 0;
  u32 gid = 0;
  i64 modified = 0;  // seconds since 1970
  u64 bytes = 0;
  u32 device_major = 0;  // of a device node
  u32 device_minor = 0;
  Handle object = kNoHandle;  // contents of a regular file; none if empty
  ObjectId object_id = 0;
  const char* target = nullptr;  // of a symlink, `bytes` long

  u32 type() const { return mode & linux_abi::kModeType; }
  bool is_directory() const { return type() == linux_abi::kModeDirectory; }
  bool is_regular() const { return type() == linux_abi::kModeRegular; }
  bool is_symlink() const { return type() == linux_abi::kModeSymlink; }
  bool is_device() const { return type() == linux_abi::kModeCharacter; }
};

// A name in a directory.
struct Entry {
  u32 id = 0;
  u32 hash = 0;
  Text name{};
  Inode* inode = nullptr;
  Entry* parent = nullptr;  // the root's is itself
  Entry* first_child = nullptr;
  Entry* last_child = nullptr;
  Entry* next_sibling = nullptr;
  Entry* next_in_bucket = nullptr;
};

class FileSystem {
 public:
  // What is made leaves at least `reserve` bytes of the heap.
  FileSystem(Heap& heap, u64 reserve);

  Entry& root() { return *root_; }
  const Entry& root() const { return *root_; }
  Entry* find(const Entry& directory, Text name);
  Entry* at(u64 id) { return id < entries_ ? by_id_[id] : nullptr; }

  // All are null when the heap is spent.
  Inode* make_inode(u32 mode);
  Entry* add(Entry& directory, Text name, Inode& inode);
  const char* keep_text(Text text);
  // Makes an existing name stand for another inode.
  void replace(Entry& entry, Inode& inode);

  // The absolute path; its length, or 0 if there is no room for it. Without a
  // NUL.
  u64 path_of(const Entry& entry, char* path, u64 room) const;

  u64 inodes() const { return inodes_; }
  u64 capacity() const { return limit_; }

 private:
  static constexpr u32 kBuckets = 1024;
  void* take(u64 bytes);

  Heap& heap_;
  u64 reserve_;
  u64 limit_;
  Entry** by_id_;
  Entry** buckets_;
  u32 entries_ = 0;
  u64 inodes_ = 0;
  Entry* root_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_FILE_SYSTEM_H_
