// truncate, ftruncate, fallocate, and calls about what is on a disk.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kKeepSize = 1;   // FALLOC_FL_KEEP_SIZE
constexpr u32 kPunchHole = 2;  // FALLOC_FL_PUNCH_HOLE
}  // namespace

i64 VfsServer::set_size(Call& call, Inode& inode, u64 bytes) {
  if (inode.maker != nullptr) return 0;  // without contents
  if (bytes > inode.bytes && bytes > call.task.file_limit) {
    return too_big(call);
  }
  const u32 seal = bytes < inode.bytes ? kSealShrink : kSealGrow;
  if (bytes != inode.bytes && (inode.seals & seal) != 0) return -EPERM;
  if (i64 error = files_.contents().resize(inode, bytes); error != 0) {
    return error;
  }
  drop_set_id(credentials(call.task), inode);
  inode.modified = inode.changed = now();
  return 0;
}

i64 VfsServer::sys_truncate(Call& call, u64 path, i64 bytes) {
  if (bytes < 0) return -EINVAL;
  const Credentials who = credentials(call.task);
  EntryRef entry;
  if (i64 error = find_entry(call, who, kAtFdCwd, path, 0, entry); error != 0) {
    return error;
  }
  Inode& inode = *entry->inode;
  if (inode.is_directory()) return -EISDIR;
  if (!inode.is_regular()) return -EINVAL;
  if (i64 error = check_rights(who, inode, kAccessWrite); error != 0) {
    return error;
  }
  if (inode.runs != 0) return -ETXTBSY;
  if (i64 error = break_leases(call, inode, kOpenWriteOnly); error != 0) {
    return error;
  }
  const i64 error = set_size(call, inode, static_cast<u64>(bytes));
  if (error == 0) tell_watchers(entry.get(), inode, kInModify);
  return error;
}

i64 VfsServer::sys_ftruncate(Call& call, u32 fd, i64 bytes) {
  if (bytes < 0) return -EINVAL;
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  if (!open->inode().is_regular() || !open->can_write()) return -EINVAL;
  const i64 error = set_size(call, open->inode(), static_cast<u64>(bytes));
  if (error == 0) tell_watchers(open->entry, open->inode(), kInModify);
  return error;
}

i64 VfsServer::sys_fallocate(Call& call) {
  OpenFile* open = file(call, call[0]);
  const u32 mode = call.as_u32(1);
  const i64 offset = static_cast<i64>(call[2]);
  const i64 length = static_cast<i64>(call[3]);
  if (open == nullptr) return -EBADF;
  if (offset < 0 || length <= 0) return -EINVAL;
  if ((mode & ~(kKeepSize | kPunchHole)) != 0 ||
      ((mode & kPunchHole) != 0 && (mode & kKeepSize) == 0)) {
    return -EOPNOTSUPP;
  }
  if (!open->can_write()) return -EBADF;
  Inode& inode = open->inode();
  if (inode.is_fifo()) return -ESPIPE;
  if (inode.is_directory()) return -EISDIR;
  if (!inode.is_regular()) return -ENODEV;
  if (inode.maker != nullptr) return -EOPNOTSUPP;
  i64 end;
  if (__builtin_add_overflow(offset, length, &end)) return -EFBIG;
  const u64 first = static_cast<u64>(offset);
  const u64 bytes = static_cast<u64>(length);
  Contents& contents = files_.contents();
  const bool punches = (mode & kPunchHole) != 0;
  const u32 seals = punches ? kSealWrite | kSealFutureWrite
                    : first + bytes > inode.bytes ? kSealGrow
                                                  : u32{0};
  if ((inode.seals & seals) != 0) return -EPERM;
  i64 error = 0;
  if (punches) {
    error = contents.punch(inode, first, bytes);
  } else {
    const bool extends = (mode & kKeepSize) == 0;
    if (extends && first + bytes > inode.bytes &&
        first + bytes > call.task.file_limit) {
      return too_big(call);
    }
    error = contents.allocate(inode, first, bytes, extends);
  }
  if (error == 0) {
    drop_set_id(credentials(call.task), inode);
    inode.modified = inode.changed = now();
    tell_watchers(*open, kInModify);
  }
  return error;
}

// Nothing is ever unwritten; devices have nothing to write back.
i64 VfsServer::sys_fsync(Call& call, u32 fd) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  const Inode& inode = open->inode();
  const bool is_kept = inode.is_regular() || inode.is_directory();
  return is_kept && inode.maker == nullptr ? 0 : -EINVAL;
}

i64 VfsServer::sys_sync_file_range(Call& call) {
  constexpr u32 kAllFlags = 7;  // SYNC_FILE_RANGE_*
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  const i64 offset = static_cast<i64>(call[1]);
  const i64 bytes = static_cast<i64>(call[2]);
  i64 end;
  if ((call.as_u32(3) & ~kAllFlags) != 0 || offset < 0 || bytes < 0 ||
      __builtin_add_overflow(offset, bytes, &end)) {
    return -EINVAL;
  }
  const Inode& inode = open->inode();
  return inode.is_regular() || inode.is_directory() ? 0 : -ESPIPE;
}

i64 VfsServer::sys_fadvise(Call& call) {
  constexpr i32 kLastAdvice = 5;  // POSIX_FADV_NOREUSE
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  if (open->inode().is_fifo()) return -ESPIPE;
  if (static_cast<i64>(call[2]) < 0) return -EINVAL;
  const i32 advice = call.as_int(3);
  return advice < 0 || advice > kLastAdvice ? -EINVAL : 0;
}

i64 VfsServer::sys_readahead(Call& call) {
  OpenFile* open = file(call, call[0]);
  if (open == nullptr || !open->can_read()) return -EBADF;
  return open->inode().is_regular() ? 0 : -EINVAL;
}

}  // namespace tine::vfs
