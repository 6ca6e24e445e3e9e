#include "servers/vfs/lock/file_locks.h"

namespace tine::vfs {

namespace {
// Locks of the same exclude each other.
LockKind world_of(LockKind kind) {
  return kind == LockKind::kOpenFile ? LockKind::kPosix : kind;
}
}  // namespace

const FileLock* FileLocks::find(const Inode& inode, LockKind kind) const {
  const FileLock* lock = all_;
  while (lock != nullptr && (lock->inode != &inode || lock->kind != kind)) {
    lock = lock->next;
  }
  return lock;
}

const FileLock* FileLocks::conflict(const FileLock& wanted) const {
  const FileLock* found = nullptr;
  for (const FileLock* lock = all_; lock != nullptr; lock = lock->next) {
    if (lock->inode != wanted.inode || lock->owner == wanted.owner ||
        world_of(lock->kind) != world_of(wanted.kind)) {
      continue;
    }
    if (!lock->is_exclusive && !wanted.is_exclusive) continue;
    // F_GETLK tells of the first in the file.
    if (lock->overlaps(wanted) &&
        (found == nullptr || lock->first < found->first)) {
      found = lock;
    }
  }
  return found;
}

FileLock* FileLocks::add(const FileLock& lock) {
  FileLock* made = locks_.make(lock);
  if (made == nullptr) return nullptr;
  made->next = all_;
  all_ = made;
  return made;
}

bool FileLocks::clear(const FileLock& range) {
  // At most one lock of the owner lies on both sides of the range.
  FileLock* split = nullptr;
  for (FileLock* lock = all_; lock != nullptr; lock = lock->next) {
    if (lock->is_like(range) && lock->first < range.first &&
        lock->last > range.last) {
      split = lock;
    }
  }
  if (split != nullptr) {
    FileLock behind = *split;
    behind.first = range.last + 1;
    if (add(behind) == nullptr) return false;
    split->last = range.first - 1;
    changed.wake();
    return true;
  }
  drop_if([&](FileLock& lock) {
    if (!lock.is_like(range) || !lock.overlaps(range)) return false;
    if (lock.first < range.first) {
      lock.last = range.first - 1;
      return false;
    }
    if (lock.last > range.last) {
      lock.first = range.last + 1;
      return false;
    }
    return true;
  });
  changed.wake();
  return true;
}

bool FileLocks::set(const FileLock& wanted) {
  FileLock* made = locks_.make(wanted);
  if (made == nullptr) return false;
  if (!clear(wanted)) {
    locks_.free(made);
    return false;
  }
  // Neighbours of the same kind become one.
  drop_if([&](FileLock& lock) {
    if (!lock.is_like(wanted) || lock.is_exclusive != wanted.is_exclusive) {
      return false;
    }
    if (lock.last + 1 == made->first) {
      made->first = lock.first;
      return true;
    }
    if (made->last != kWhole && made->last + 1 == lock.first) {
      made->last = lock.last;
      return true;
    }
    return false;
  });
  made->next = all_;
  all_ = made;
  return true;
}

void FileLocks::forget(const void* owner) {
  if (all_ == nullptr) [[likely]]
    return;
  drop_if([&](FileLock& lock) { return lock.owner == owner; });
}

void FileLocks::forget(const void* owner, const Inode& inode) {
  if (all_ == nullptr) [[likely]]
    return;
  drop_if([&](FileLock& lock) {
    return lock.owner == owner && lock.inode == &inode;
  });
}

void FileLocks::forget(const void* owner, LockKind kind) {
  drop_if([&](const FileLock& lock) {
    return lock.owner == owner && lock.kind == kind;
  });
}

}  // namespace tine::vfs
