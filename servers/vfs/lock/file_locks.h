// Advisory locks on files: POSIX record locks, which a process has, those of
// open file descriptions, and flock().
#ifndef SERVERS_VFS_LOCK_FILE_LOCKS_H_
#define SERVERS_VFS_LOCK_FILE_LOCKS_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

struct Inode;

// Record locks of both kinds exclude each other; flock() is a world of its own.
// So is who hears of messages in a queue, of which there is one.
enum class LockKind : u8 { kPosix, kOpenFile, kFlock, kNotice };

struct FileLock {
  const Inode* inode = nullptr;
  // The table of descriptors or the open file that has it.
  const void* owner = nullptr;
  LockKind kind = LockKind::kPosix;
  bool is_exclusive = false;
  u64 first = 0;
  u64 last = 0;  // the last byte, inclusive
  i32 pid = 0;
  FileLock* next = nullptr;

  bool overlaps(const FileLock& other) const {
    return first <= other.last && other.first <= last;
  }
  bool is_like(const FileLock& other) const {
    return inode == other.inode && owner == other.owner && kind == other.kind;
  }
};

class FileLocks {
 public:
  static constexpr u64 kWhole = INT64_MAX;  // `last` of a lock to the end

  FileLocks(Heap& heap, u64 most, Wakeups& wakeups)
      : changed(wakeups), locks_(heap, most) {}

  // A lock that keeps `wanted` from being had; null: none.
  const FileLock* conflict(const FileLock& wanted) const;
  // Any of that kind on the inode; null: none.
  const FileLock* find(const Inode& inode, LockKind kind) const;
  // Has `wanted`, without conflict, in the place of what its owner had there.
  // False: no memory, nothing changed.
  [[nodiscard]] bool set(const FileLock& wanted);
  // Its owner has nothing there any more. False as above: what is cut in two
  // needs memory.
  [[nodiscard]] bool clear(const FileLock& range);
  // The owner gives up all its locks, or those of one inode. Cannot fail.
  void forget(const void* owner);
  void forget(const void* owner, const Inode& inode);
  void forget(const void* owner, LockKind kind);

  u64 live() const { return locks_.live(); }

  // Those who wait for a lock.
  WaitQueue changed;

 private:
  template <typename Drops>
  void drop_if(Drops&& drops);
  FileLock* add(const FileLock& lock);

  Slab<FileLock> locks_;
  FileLock* all_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_LOCK_FILE_LOCKS_H_
