// Calls that would change the file system. It is read-only, so they fail, with
// the error that Linux finds first on a read-only mount.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kRenameNoReplace = 1;
constexpr u32 kRenameExchange = 2;
constexpr u32 kRenameWhiteout = 4;
constexpr i64 kUtimeNow = 0x3fff'ffff;
constexpr i64 kUtimeOmit = 0x3fff'fffe;
}  // namespace

// A new name at `path`: mkdir, mknod, and the new end of link and symlink.
i64 VfsServer::sys_make(Call& call, i32 fd, u64 path, bool directory) {
  Found found;
  if (i64 error = find(call, fd, path, false, found); error != 0) return error;
  if (found.entry != nullptr) return -EEXIST;
  return found.trailing_slash && !directory ? -ENOENT : -EROFS;
}

i64 VfsServer::sys_link(Call& call, i32 old_fd, u64 old_path, i32 fd, u64 path,
                        u32 flags) {
  if ((flags & ~(kAtSymlinkFollow | kAtEmptyPath)) != 0) return -EINVAL;
  Entry* old;
  if (i64 error = find_entry(call, old_fd, old_path, flags,
                             (flags & kAtSymlinkFollow) != 0, old);
      error != 0) {
    return error;
  }
  return sys_make(call, fd, path, false);
}

i64 VfsServer::sys_symlink(Call& call, u64 target, i32 fd, u64 path) {
  i64 count = call.user.path(target, path_);
  if (count < 0) return count;
  if (count == 0) return -ENOENT;
  return sys_make(call, fd, path, false);
}

// Linux asks whether it may write before it looks for the last name.
i64 VfsServer::sys_unlink(Call& call, i32 fd, u64 path, bool directory) {
  Found found;
  i64 error = find(call, fd, path, false, found);
  if (error != 0 && !(error == -ENOTDIR && found.last == LastKind::kName &&
                      found.trailing_slash)) {
    return error;
  }
  switch (found.last) {
    case LastKind::kName:
      return -EROFS;
    case LastKind::kDot:
      return directory ? -EINVAL : -EISDIR;
    case LastKind::kDotDot:
      return directory ? -ENOTEMPTY : -EISDIR;
    case LastKind::kRoot:
      return directory ? -EBUSY : -EISDIR;
  }
  return -EROFS;
}

i64 VfsServer::sys_rename(Call& call, i32 old_fd, u64 old_path, i32 fd,
                          u64 path, u32 flags) {
  const u32 all = kRenameNoReplace | kRenameExchange | kRenameWhiteout;
  if ((flags & ~all) != 0 ||
      ((flags & (kRenameNoReplace | kRenameWhiteout)) != 0 &&
       (flags & kRenameExchange) != 0)) {
    return -EINVAL;
  }
  Found old;
  Found made;
  if (i64 error = find(call, old_fd, old_path, false, old); error != 0) {
    return error;
  }
  if (i64 error = find(call, fd, path, false, made); error != 0) return error;
  if (old.last != LastKind::kName || made.last != LastKind::kName) {
    return -EBUSY;
  }
  return -EROFS;
}

// chmod, chown, utimes by path.
i64 VfsServer::sys_change(Call& call, i32 fd, u64 path, u32 flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return -EINVAL;
  Entry* entry;
  i64 error = find_entry(call, fd, path, flags,
                         (flags & kAtSymlinkNoFollow) == 0, entry);
  return error != 0 ? error : -EROFS;
}

i64 VfsServer::sys_utimens(Call& call, i32 fd, u64 path, u32 flags) {
  if (call[2] != 0) {
    Timespec times[2];
    if (!call.user.get(call[2], times)) return -EFAULT;
    for (const Timespec& time : times) {
      const i64 ns = time.nanoseconds;
      if (ns != kUtimeNow && ns != kUtimeOmit &&
          (ns < 0 || ns >= kNsPerSecond)) {
        return -EINVAL;
      }
    }
    if (times[0].nanoseconds == kUtimeOmit &&
        times[1].nanoseconds == kUtimeOmit) {
      return 0;
    }
  }
  // Without a path it is the descriptor's file.
  return path == 0 && fd != kAtFdCwd
             ? flags != 0 ? -EINVAL : sys_fchange(call, static_cast<u32>(fd))
             : sys_change(call, fd, path, flags);
}

i64 VfsServer::sys_fchange(Call& call, u32 fd) {
  return file(call, fd) == nullptr ? -EBADF : -EROFS;
}

i64 VfsServer::sys_truncate(Call& call, u64 path, i64 bytes) {
  if (bytes < 0) return -EINVAL;
  Entry* entry;
  if (i64 error = find_entry(call, kAtFdCwd, path, 0, true, entry);
      error != 0) {
    return error;
  }
  if (entry->inode->is_directory()) return -EISDIR;
  return entry->inode->is_regular() ? -EROFS : -EINVAL;
}

// No regular file can be open for writing.
i64 VfsServer::sys_ftruncate(Call& call, u32 fd, i64 bytes) {
  if (bytes < 0) return -EINVAL;
  return file(call, fd) == nullptr ? -EBADF : -EINVAL;
}

i64 VfsServer::sys_fallocate(Call& call) {
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  if (static_cast<i64>(call[2]) < 0 || static_cast<i64>(call[3]) <= 0) {
    return -EINVAL;
  }
  return open->can_write() ? -ENODEV : -EBADF;
}

// Nothing is ever unwritten; devices have nothing to write back.
i64 VfsServer::sys_fsync(Call& call, u32 fd) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  return open->inode().is_device() ? -EINVAL : 0;
}

i64 VfsServer::sys_fadvise(Call& call) {
  constexpr i32 kLastAdvice = 5;  // POSIX_FADV_NOREUSE
  if (file(call, call[0]) == nullptr) return -EBADF;
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
