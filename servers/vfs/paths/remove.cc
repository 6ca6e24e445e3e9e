// unlink and rmdir.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::sys_unlink(Call& call, i32 fd, u64 path, bool directory) {
  const Credentials who = credentials(call.task);
  Found found;
  if (i64 error = find(call, who, fd, path, Follow::kNever, found);
      error != 0) {
    return error;
  }
  switch (found.last) {
    case LastKind::kName:
      break;
    case LastKind::kDot:
      return directory ? -EINVAL : -EISDIR;
    case LastKind::kDotDot:
      return directory ? -ENOTEMPTY : -EISDIR;
    case LastKind::kRoot:
      return directory ? -EBUSY : -EISDIR;
  }
  if (found.entry == nullptr) return -ENOENT;
  Entry& entry = *found.entry;
  if (!directory && found.trailing_slash) {
    return entry.inode->is_directory() ? -EISDIR : -ENOTDIR;
  }
  if (i64 error = check_remove(who, entry, directory); error != 0) {
    return error;
  }
  if (i64 error = may_change(*found.parent->inode); error != 0) return error;
  if (is_mount_point(entry)) return -EBUSY;
  if (directory && entry.first_child != nullptr) return -ENOTEMPTY;
  Inode& inode = *entry.inode;
  inode.changed = now();
  touch_directory(*found.parent);
  if (!directory) tell_watchers(inode, kInAttributes);
  files_.remove(entry);
  // If nobody else has the file its watchers hear of its end before those of
  // the directory do.
  found.entry = {};
  tell_directory(*found.parent, found.name, directory, kInDelete);
  return 0;
}

}  // namespace tine::vfs
