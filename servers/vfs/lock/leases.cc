// Leases (F_SETLEASE): who has one hears when somebody else opens the file.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr i32 kShared = 0;  // F_RDLCK
constexpr i32 kExclusive = 1;
}  // namespace

FileLock* FileLocks::lease_of(const void* owner) const {
  FileLock* lock = all_;
  while (lock != nullptr &&
         (lock->owner != owner || lock->kind != LockKind::kLease)) {
    lock = lock->next;
  }
  return lock;
}

bool FileLocks::forbids_lease(const FileLock& wanted) const {
  for (const FileLock* lock = all_; lock != nullptr; lock = lock->next) {
    if (lock->inode != wanted.inode || lock->kind != LockKind::kLease ||
        lock->owner == wanted.owner) {
      continue;
    }
    const bool ends = lock->ends_at != 0 && !lock->may_share;
    if (wanted.is_exclusive || ends) return true;
  }
  return false;
}

i64 VfsServer::get_lease(const OpenFile& file) const {
  const FileLock* lease = locks_.lease_of(&file);
  if (lease == nullptr) return kUnlocked;
  if (lease->ends_at != 0) return lease->may_share ? i64{kShared} : kUnlocked;
  return lease->is_exclusive ? kExclusive : kShared;
}

// generic_setlease().
i64 VfsServer::set_lease(Call& call, u32 fd, OpenFile& file, i32 type) {
  const Credentials who = credentials(call.task);
  const Inode& inode = file.inode();
  if (type != kShared && type != kExclusive && type != kUnlocked) {
    return -EINVAL;
  }
  if (who.uid != inode.uid && !who.may(Capability::kLease)) return -EACCES;
  if (!inode.is_regular() || inode.maker != nullptr) return -EINVAL;
  FileLock* const own = locks_.lease_of(&file);
  if (type == kUnlocked) {
    if (own == nullptr) return -EAGAIN;
    locks_.forget(&file, LockKind::kLease);
    return 0;
  }
  const u32 own_writers = file.can_write() ? 1 : 0;
  const u32 own_readers = file.can_write() ? 0 : 1;
  const bool is_open_otherwise =
      type == kShared
          ? inode.writers != 0
          : inode.writers != own_writers || inode.readers != own_readers;
  FileLock wanted{.inode = &inode,
                  .owner = &file,
                  .kind = LockKind::kLease,
                  .is_exclusive = type == kExclusive,
                  .last = FileLocks::kWhole,
                  .pid = static_cast<i32>(fd)};
  if (is_open_otherwise || locks_.forbids_lease(wanted)) return -EAGAIN;
  if (own != nullptr) {
    own->is_exclusive = wanted.is_exclusive;
    own->ends_at = 0;
    locks_.changed.wake();
    return 0;
  }
  if (!locks_.set(wanted)) return -ENOMEM;
  if (file.owner != 0) return 0;
  return set_signal_owner(
      call, file, seen_by(call.task.cookie, process_of(call.task.cookie)),
      false);
}

// 0: nobody is disturbed. Else EAGAIN (EWOULDBLOCK), or the call waits until
// the leases have ended, and is made again.
i64 VfsServer::break_leases(Call& call, const Inode& inode, u32 flags) {
  if (locks_.live() == 0) [[likely]]
    return 0;
  constexpr u64 kMessage = 3;  // POLL_MSG
  constexpr u64 kBand = kPollIn | kPollReadNormal | 0x400;
  u64 until = 0;
  const bool has_to_wait = locks_.break_leases(
      inode, (flags & kOpenAccessMode) != kOpenReadOnly, sys::clock_ns(), until,
      [&](const FileLock& lease) {
        const OpenFile& file = *static_cast<const OpenFile*>(lease.owner);
        const i32 signal = file.owner_signal;
        AsyncWatches::tell_owner(
            file, signal != 0 ? signal : i32{kSigIo},
            signal == 0
                ? 0
                : kMessage | kBand << 8 | static_cast<u64>(lease.pid) << 32,
            terminals_.news);
      });
  if (!has_to_wait) return 0;
  if ((flags & kOpenNonBlock) != 0) return -EAGAIN;
  call.deadline = until;
  return wait_on(call, locks_.changed);
}

}  // namespace tine::vfs
