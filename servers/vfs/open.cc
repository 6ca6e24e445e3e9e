// open and close.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kCloseRangeUnshare = 2;
constexpr u32 kCloseRangeCloseOnExec = 4;
// What F_GETFL does not tell.
constexpr u32 kOnlyAtOpen = kOpenCreate | kOpenExclusive | kOpenNoCtty |
                            kOpenTruncate | kOpenCloseOnExec;
constexpr u32 kTmpFile = kOpenTmpFile & ~kOpenDirectory;
}  // namespace

i64 VfsServer::check_open(const Found& found, u32 flags) {
  const bool creates = (flags & kOpenCreate) != 0;
  if (found.entry == nullptr) {
    if (!creates) return -ENOENT;
    return found.trailing_slash ? -EISDIR : -EROFS;
  }
  if (creates && (flags & kOpenExclusive) != 0) return -EEXIST;
  const Inode& inode = *found.entry->inode;
  if ((flags & kOpenDirectory) != 0 && !inode.is_directory()) return -ENOTDIR;
  if ((flags & kOpenPath) != 0) return 0;
  const bool writes = (flags & kOpenAccessMode) != kOpenReadOnly ||
                      (flags & kOpenTruncate) != 0;
  switch (inode.type()) {
    case kModeSymlink:
      return -ELOOP;
    case kModeDirectory:
      if ((flags & kTmpFile) != 0) return -EROFS;
      return creates || writes ? -EISDIR : 0;
    case kModeRegular:
      if (writes) return -EROFS;
      return (flags & kOpenDirect) != 0 ? -EINVAL : 0;
    default:
      return operations_of(*found.entry->inode) == nullptr ? -ENXIO : 0;
  }
}

FileOperations* VfsServer::operations_of(const Inode& inode) {
  if (inode.is_regular()) return &regular_file_;
  if (inode.is_directory()) return &directory_file_;
  switch (device_of(inode)) {
    case Device::kNull:
      return &null_file_;
    case Device::kZero:
      return &zero_file_;
    case Device::kFull:
      return &full_file_;
    case Device::kRandom:
      return &random_file_;
    case Device::kConsole:
      return &console_file_;
    case Device::kNone:
      break;
  }
  return nullptr;
}

i64 VfsServer::sys_open(Call& call, i32 fd, u64 path, u32 flags) {
  if ((flags & kOpenPath) != 0) {
    flags &= kOpenPath | kOpenDirectory | kOpenNoFollow | kOpenCloseOnExec;
  } else if ((flags & kTmpFile) != 0) {
    if ((flags & kOpenDirectory) == 0 || (flags & kOpenCreate) != 0 ||
        (flags & kOpenAccessMode) == kOpenReadOnly) {
      return -EINVAL;
    }
  } else if ((flags & kOpenCreate) != 0 && (flags & kOpenDirectory) != 0) {
    return -EINVAL;
  }
  const bool excludes =
      (flags & kOpenCreate) != 0 && (flags & kOpenExclusive) != 0;
  Found found;
  const bool follow = (flags & kOpenNoFollow) == 0 && !excludes;
  if (i64 error = find(call, fd, path, follow, found); error != 0) {
    return error;
  }
  if (i64 error = check_open(found, flags); error != 0) return error;

  FdTable& table = *call.task.table;
  const u32 free = table.find_free(0);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  if (!table.own(store_, free + 1)) return -ENOMEM;
  u32 kept = flags & ~kOnlyAtOpen;
  if ((flags & kOpenPath) == 0) kept |= kOpenLargeFile;
  Inode& inode = *found.entry->inode;
  FileOperations* operations = operations_of(inode);
  // Nothing is done to a file opened with O_PATH.
  if (operations == nullptr) operations = &regular_file_;
  OpenFile* file = store_.make_file(*operations, inode, found.entry, kept);
  if (file == nullptr) return -ENFILE;
  table.set(store_, free, file, (flags & kOpenCloseOnExec) != 0);
  return free;
}

i64 VfsServer::sys_close(Call& call, u32 fd) {
  if (any_file(call, fd) == nullptr) return -EBADF;
  FdTable& table = *call.task.table;
  if (!table.own(store_, 0)) return -ENOMEM;
  table.set(store_, fd, nullptr, false);
  return 0;
}

i64 VfsServer::sys_close_range(Call& call, u32 first, u32 last, u32 flags) {
  if ((flags & ~(kCloseRangeUnshare | kCloseRangeCloseOnExec)) != 0 ||
      first > last) {
    return -EINVAL;
  }
  if ((flags & kCloseRangeUnshare) != 0) tasks_.unshare_table(call.task);
  FdTable& table = *call.task.table;
  if (!table.own(store_, 0)) return -ENOMEM;
  for (u32 fd = first; fd <= last && fd < table.capacity(); ++fd) {
    if (table.get(fd) == nullptr) continue;
    if ((flags & kCloseRangeCloseOnExec) != 0) {
      table.set_close_on_exec(fd, true);
    } else {
      table.set(store_, fd, nullptr, false);
    }
  }
  return 0;
}

}  // namespace tine::vfs
