// New names: mkdir, mknod, symlink, link.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::find_new(Call& call, const Credentials& who, i32 fd, u64 path,
                        bool directory, Found& found) {
  i64 error = find(call, who, fd, path, Follow::kNever, found);
  if (error != 0) return error;
  if (found.entry != nullptr) return -EEXIST;
  if (found.trailing_slash && !directory) return -ENOENT;
  // /proc says that there is no such name, whatever it would become.
  return found.parent->inode->maker != nullptr ? -ENOENT : 0;
}

// Gives `inode`, new or not, its name; discards it on failure.
i64 VfsServer::put_name(const Found& found, Inode& inode) {
  Entry* entry = files_.add(*found.parent, found.name, inode);
  if (entry == nullptr) {
    files_.discard(inode);
    return -ENOSPC;
  }
  touch_directory(*found.parent);
  inode.changed = now();
  // Of a further name its file hears too: it has one more.
  if (inode.refs > 1) tell_watchers(inode, kInAttributes);
  tell_directory(*found.parent, found.name, inode.is_directory(), kInCreate);
  return 0;
}

i64 VfsServer::sys_mkdir(Call& call, i32 fd, u64 path, u32 mode) {
  const Credentials who = credentials(call.task);
  Found found;
  if (i64 error = find_new(call, who, fd, path, true, found); error != 0) {
    return error;
  }
  if (i64 error = check_add(who, *found.parent->inode); error != 0) {
    return error;
  }
  mode &= 01777 & ~call.task.context->umask;
  Inode* inode = files_.make_inode(kModeDirectory | mode, now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *found.parent->inode, *inode);
  return put_name(found, *inode);
}

i64 VfsServer::sys_mknod(Call& call, i32 fd, u64 path, u32 mode, u64 device) {
  const Credentials who = credentials(call.task);
  u32 type = mode & kModeType;
  if (type == 0) type = kModeRegular;
  const bool is_node = type == kModeCharacter || type == kModeBlock;
  switch (type) {
    case kModeRegular:
    case kModeFifo:
    case kModeSocket:
    case kModeCharacter:
    case kModeBlock:
      break;
    default:
      return type == kModeDirectory ? -EPERM : -EINVAL;
  }
  Found found;
  if (i64 error = find_new(call, who, fd, path, false, found); error != 0) {
    return error;
  }
  if (i64 error = check_add(who, *found.parent->inode); error != 0) {
    return error;
  }
  if (is_node && !who.may(Capability::kMknod)) return -EPERM;
  mode &= kModePermissions & ~call.task.context->umask;
  Inode* inode = files_.make_inode(type | mode, now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *found.parent->inode, *inode);
  if (is_node) {
    inode->device_major = static_cast<u32>(device >> 8 & 0xfff);
    inode->device_minor =
        static_cast<u32>((device & 0xff) | (device >> 12 & 0xfff00));
  }
  return put_name(found, *inode);
}

i64 VfsServer::sys_symlink(Call& call, u64 target, i32 fd, u64 path) {
  const Credentials who = credentials(call.task);
  const i64 count = call.user.path(target, target_);
  if (count < 0) return count;
  if (count == 0) return -ENOENT;
  Found found;
  if (i64 error = find_new(call, who, fd, path, false, found); error != 0) {
    return error;
  }
  if (i64 error = check_add(who, *found.parent->inode); error != 0) {
    return error;
  }
  Inode* inode = files_.make_inode(kModeSymlink | 0777, now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *found.parent->inode, *inode);
  if (!files_.set_target(*inode, {target_, static_cast<u64>(count)})) {
    files_.discard(*inode);
    return -ENOSPC;
  }
  return put_name(found, *inode);
}

i64 VfsServer::sys_link(Call& call, i32 old_fd, u64 old_path, i32 fd, u64 path,
                        u32 flags) {
  const Credentials who = credentials(call.task);
  if ((flags & ~(kAtSymlinkFollow | kAtEmptyPath)) != 0) return -EINVAL;
  if ((flags & kAtEmptyPath) != 0 && !who.may(Capability::kDacReadSearch))
    return -ENOENT;
  EntryRef old;
  const u32 how = (flags & kAtEmptyPath) |
                  ((flags & kAtSymlinkFollow) != 0 ? 0 : kAtSymlinkNoFollow);
  if (i64 error = find_entry(call, who, old_fd, old_path, how, old);
      error != 0) {
    return error;
  }
  Found found;
  if (i64 error = find_new(call, who, fd, path, false, found); error != 0) {
    return error;
  }
  Inode& inode = *old->inode;
  if (inode.mount != found.parent->inode->mount) return -EXDEV;
  if (i64 error = check_add(who, *found.parent->inode); error != 0) {
    return error;
  }
  if (inode.is_directory()) return -EPERM;
  if (inode.links == 0 && !inode.may_be_linked) return -ENOENT;
  const i64 error = put_name(found, inode);
  if (error == 0) inode.may_be_linked = false;
  return error;
}

}  // namespace tine::vfs
