// fcntl's record locks, and flock.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

using i16 = signed short;

// struct flock.
struct LockArgument {
  i16 type;
  i16 whence;
  i32 pad0;
  i64 start;
  i64 length;
  i32 pid;
  i32 pad1;
};
static_assert(sizeof(LockArgument) == 32);

constexpr i16 kReadLock = 0;
constexpr i16 kWriteLock = 1;
constexpr i16 kNoLock = 2;

constexpr u32 kFlockShared = 1;
constexpr u32 kFlockExclusive = 2;
constexpr u32 kFlockNonBlock = 4;
constexpr u32 kFlockUnlock = 8;
constexpr u32 kFlockMandatory = 32;  // was for Samba; taken, does nothing

// flock_to_posix_lock(): 0 or a negated errno.
i64 range_of(const LockArgument& argument, const OpenFile& file,
             FileLock& lock) {
  i64 start;
  switch (argument.whence) {
    case kSeekSet:
      start = 0;
      break;
    case kSeekCur:
      start = static_cast<i64>(file.offset);
      break;
    case kSeekEnd:
      start = static_cast<i64>(file.inode().bytes);
      break;
    default:
      return -EINVAL;
  }
  if (__builtin_add_overflow(start, argument.start, &start)) return -EOVERFLOW;
  if (start < 0) return -EINVAL;
  i64 last = INT64_MAX;
  if (argument.length > 0) {
    if (__builtin_add_overflow(start, argument.length - 1, &last)) {
      return -EOVERFLOW;
    }
  } else if (argument.length < 0) {
    if (start + argument.length < 0) return -EINVAL;
    last = start - 1;
    start += argument.length;
  }
  lock.first = static_cast<u64>(start);
  lock.last = static_cast<u64>(last);
  return 0;
}

}  // namespace

// Does the owner of `blocker` wait, by way of others, for what `owner` has?
// Linux looks ten links far.
bool VfsServer::would_deadlock(const void* owner, const void* blocker) {
  for (u32 i = 0; i < 10; ++i) {
    const void* next = nullptr;
    for (WaitNode* n = locks_.changed.first(); n != nullptr; n = n->next) {
      if (n->task->table == blocker) next = n->task->wait.blocker;
    }
    if (next == nullptr) return false;
    if (next == owner) return true;
    blocker = next;
  }
  return false;
}

i64 VfsServer::wait_for_lock(Call& call, u32 fd, OpenFile& file,
                             const void* blocker) {
  call.task.wait.blocker = blocker;
  pin(call, fd, file);
  return wait_on(call, locks_.changed);
}

i64 VfsServer::get_lock(Call& call, OpenFile& file, i32 command, u64 address) {
  LockArgument argument;
  if (!call.user.get(address, argument)) return -EFAULT;
  if (argument.type != kReadLock && argument.type != kWriteLock) {
    return -EINVAL;
  }
  const bool of_file = command == kOfdGetLk;
  if (of_file && argument.pid != 0) return -EINVAL;
  FileLock wanted;
  if (i64 error = range_of(argument, file, wanted); error != 0) return error;
  wanted.inode = &file.inode();
  wanted.kind = of_file ? LockKind::kOpenFile : LockKind::kPosix;
  wanted.owner = of_file ? static_cast<const void*>(&file) : call.task.table;
  wanted.is_exclusive = argument.type == kWriteLock;
  const FileLock* found = locks_.conflict(wanted);
  if (found == nullptr) {
    argument.type = kNoLock;
  } else {
    argument.type = found->is_exclusive ? kWriteLock : kReadLock;
    argument.whence = kSeekSet;
    argument.start = static_cast<i64>(found->first);
    argument.length = found->last == FileLocks::kWhole
                          ? 0
                          : static_cast<i64>(found->last - found->first + 1);
    argument.pid = found->kind == LockKind::kOpenFile
                       ? -1
                       : seen_by(call.task.cookie, found->pid);
  }
  return call.user.put(address, argument);
}

i64 VfsServer::set_lock(Call& call, u32 fd, OpenFile& file, i32 command,
                        u64 address) {
  LockArgument argument;
  if (!call.user.get(address, argument)) return -EFAULT;
  const bool of_file = command == kOfdSetLk || command == kOfdSetLkw;
  const bool waits = command == kSetLkw || command == kOfdSetLkw;
  FileLock wanted;
  if (i64 error = range_of(argument, file, wanted); error != 0) return error;
  if (argument.type < kReadLock || argument.type > kNoLock) return -EINVAL;
  if (of_file && argument.pid != 0) return -EINVAL;
  wanted.inode = &file.inode();
  wanted.kind = of_file ? LockKind::kOpenFile : LockKind::kPosix;
  wanted.owner = of_file ? static_cast<const void*>(&file) : call.task.table;
  wanted.is_exclusive = argument.type == kWriteLock;
  wanted.pid = process_of(call.task.cookie);
  if (argument.type == kNoLock) return locks_.clear(wanted) ? 0 : -ENOLCK;
  if (!(wanted.is_exclusive ? file.can_write() : file.can_read())) {
    return -EBADF;
  }
  if (const FileLock* found = locks_.conflict(wanted); found != nullptr) {
    if (!waits) return -EAGAIN;
    if (!of_file && would_deadlock(wanted.owner, found->owner)) {
      return -EDEADLK;
    }
    return wait_for_lock(call, fd, file, found->owner);
  }
  return locks_.set(wanted) ? 0 : -ENOLCK;
}

i64 VfsServer::sys_flock(Call& call, u32 fd, u32 operation) {
  const bool waits = (operation & kFlockNonBlock) == 0;
  const u32 what = operation & ~kFlockNonBlock;
  if ((what & kFlockMandatory) != 0) return 0;
  if (what != kFlockShared && what != kFlockExclusive && what != kFlockUnlock) {
    return -EINVAL;
  }
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  FileLock wanted;
  wanted.inode = &open->inode();
  wanted.kind = LockKind::kFlock;
  wanted.owner = open;
  wanted.is_exclusive = what == kFlockExclusive;
  wanted.last = FileLocks::kWhole;
  if (what == kFlockUnlock) return locks_.clear(wanted) ? 0 : -ENOLCK;
  // What it had is given up before it waits for the other kind.
  if (const FileLock* found = locks_.conflict(wanted); found != nullptr) {
    (void)locks_.clear(wanted);
    return waits ? wait_for_lock(call, fd, *open, found->owner) : i64{-EAGAIN};
  }
  return locks_.set(wanted) ? 0 : -ENOLCK;
}

// What a descriptor of that process for the file had locked is free when it
// closes any descriptor for it.
void VfsServer::closes(Task& task, const OpenFile& file) {
  locks_.forget(task.table, file.inode());
}

}  // namespace tine::vfs
