// readlink.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// The text of the symlink at `path`.
i64 VfsServer::find_target(Call& call, i32 fd, u64 path, EntryRef& entry,
                           Text& target) {
  char first;
  if (!call.user.get(path, first)) return -EFAULT;
  // An empty path means `fd`, which then was opened by O_PATH | O_NOFOLLOW.
  if (i64 error =
          find_entry(call, fd, path, kAtEmptyPath | kAtSymlinkNoFollow, entry);
      error != 0) {
    return error;
  }
  const Inode& inode = *entry->inode;
  if (!inode.is_symlink()) return first == '\0' ? -ENOENT : -EINVAL;
  target = inode.target;
  if (inode.maker == nullptr) return 0;
  LinkTarget to;
  const i64 error =
      inode.maker->follow(credentials(call.task), inode, true, to);
  target = to.path;
  return error;
}

i64 VfsServer::sys_readlink(Call& call, i32 fd, u64 path, u64 address,
                            i32 bytes) {
  if (bytes <= 0) return -EINVAL;
  const u64 room = static_cast<u64>(bytes);
  EntryRef entry;
  Text target{};
  if (i64 error = find_target(call, fd, path, entry, target); error != 0) {
    return error;
  }
  note_access(*entry->inode);
  const u64 count = target.count < room ? target.count : room;
  if (call.user.out(address, target.bytes, count) != count) return -EFAULT;
  return static_cast<i64>(count);
}

}  // namespace tine::vfs
