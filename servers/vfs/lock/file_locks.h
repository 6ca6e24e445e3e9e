// Advisory locks on files: POSIX record locks, which a process has, those of
// open file descriptions, and flock().
#ifndef SERVERS_VFS_LOCK_FILE_LOCKS_H_
#define SERVERS_VFS_LOCK_FILE_LOCKS_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

struct Inode;

// Record locks of both kinds exclude each other; flock() is a world of its own.
// So is who hears of messages in a queue, of which there is one, and leases,
// which end when others open the file.
enum class LockKind : u8 { kPosix, kOpenFile, kFlock, kNotice, kLease };

struct FileLock {
  const Inode* inode = nullptr;
  // The table of descriptors or the open file that has it.
  const void* owner = nullptr;
  LockKind kind = LockKind::kPosix;
  bool is_exclusive = false;
  u64 first = 0;
  u64 last = 0;  // the last byte, inclusive
  i32 pid = 0;   // of a lease: the descriptor that it was asked for by
  // Of a lease that others want to end: by when it has, ns, and whether it may
  // become a shared one.
  u64 ends_at = 0;
  bool may_share = false;
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

  // ---- leases.cc
  // The lease of an open file; null: none.
  FileLock* lease_of(const void* owner) const;
  // Whether another's lease forbids one of `owner`.
  bool forbids_lease(const FileLock& wanted) const;
  // Ends the leases that an open would disturb, now or when their owners have
  // had time: then `until` says by when, and `tell` is called for each that is
  // to be told. False: none is left.
  template <typename Tell>
  bool break_leases(const Inode& inode, bool writes, u64 now, u64& until,
                    Tell&& tell);

  // Those who wait for a lock.
  WaitQueue changed;

 private:
  template <typename Drops>
  void drop_if(Drops&& drops);
  FileLock* add(const FileLock& lock);

  Slab<FileLock> locks_;
  FileLock* all_ = nullptr;
};

template <typename Drops>
void FileLocks::drop_if(Drops&& drops) {
  bool any = false;
  for (FileLock** at = &all_; *at != nullptr;) {
    FileLock* lock = *at;
    if (!drops(*lock)) {
      at = &lock->next;
      continue;
    }
    *at = lock->next;
    locks_.free(lock);
    any = true;
  }
  if (any) changed.wake();
}

// __break_lease(), time_out_leases().
template <typename Tell>
bool FileLocks::break_leases(const Inode& inode, bool writes, u64 now,
                             u64& until, Tell&& tell) {
  constexpr u64 kPatience = 45'000'000'000;  // fs.lease-break-time, in ns
  bool any = false;
  drop_if([&](FileLock& lease) {
    if (lease.kind != LockKind::kLease || lease.inode != &inode) return false;
    if (!lease.is_exclusive && !writes) return false;
    if (lease.ends_at != 0 && now >= lease.ends_at) {
      if (!lease.may_share || writes) return true;
      lease.is_exclusive = false;
      lease.ends_at = 0;
      return false;
    }
    if (lease.ends_at == 0) {
      lease.ends_at = now + kPatience;
      lease.may_share = !writes;
      tell(lease);
    } else if (writes && lease.may_share) {
      lease.may_share = false;
      tell(lease);
    }
    any = true;
    if (until < lease.ends_at) until = lease.ends_at;
    return false;
  });
  return any;
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_LOCK_FILE_LOCKS_H_
