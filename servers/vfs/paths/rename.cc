// rename and renameat2.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kRenameNoReplace = 1;
constexpr u32 kRenameExchange = 2;

// What do_renameat2() checks before it looks at permissions.
i64 check_names(const Found& from, const Found& to, u32 flags) {
  const bool exchanges = (flags & kRenameExchange) != 0;
  if (from.last != LastKind::kName) return -EBUSY;
  if (to.last != LastKind::kName) {
    return (flags & kRenameNoReplace) != 0 ? -EEXIST : -EBUSY;
  }
  if (from.entry == nullptr) return -ENOENT;
  if ((flags & kRenameNoReplace) != 0 && to.entry != nullptr) return -EEXIST;
  if (exchanges && to.entry == nullptr) return -ENOENT;
  if (exchanges && to.trailing_slash && !to.entry->inode->is_directory()) {
    return -ENOTDIR;
  }
  if (!from.entry->inode->is_directory() &&
      (from.trailing_slash || (!exchanges && to.trailing_slash))) {
    return -ENOTDIR;
  }
  // Neither into itself nor over what it is in.
  if (FileSystem::is_below(*to.parent, *from.entry)) return -EINVAL;
  if (to.entry != nullptr && FileSystem::is_below(*from.parent, *to.entry)) {
    return exchanges ? -EINVAL : -ENOTEMPTY;
  }
  return 0;
}

// A directory that gets another parent is itself written: its "..".
i64 check_parent_change(const Credentials& who, const Found& from,
                        const Entry& to_parent) {
  if (from.parent == &to_parent || !from.entry->inode->is_directory()) return 0;
  return check_rights(who, *from.entry->inode, kAccessWrite);
}

i64 check_permissions(const Credentials& who, const Found& from,
                      const Found& to, bool exchanges) {
  const bool is_directory = from.entry->inode->is_directory();
  if (i64 error = check_remove(who, *from.entry, is_directory); error != 0) {
    return error;
  }
  i64 error = 0;
  if (to.entry == nullptr) {
    error = check_add(who, *to.parent->inode);
  } else {
    error = check_remove(
        who, *to.entry,
        exchanges ? to.entry->inode->is_directory() : is_directory);
  }
  if (error != 0) return error;
  if (error = check_parent_change(who, from, *to.parent); error != 0) {
    return error;
  }
  return exchanges ? check_parent_change(who, to, *from.parent) : 0;
}

}  // namespace

i64 VfsServer::sys_rename(Call& call, i32 old_fd, u64 old_path, i32 fd,
                          u64 path, u32 flags) {
  const bool exchanges = (flags & kRenameExchange) != 0;
  // No whiteouts: they are for union mounts.
  if ((flags & ~(kRenameNoReplace | kRenameExchange)) != 0 ||
      (exchanges && (flags & kRenameNoReplace) != 0)) {
    return -EINVAL;
  }
  const Credentials who = credentials(call.task);
  Found from;
  Found to;
  if (i64 error = find(call, who, old_fd, old_path, Follow::kNever, from);
      error != 0) {
    return error;
  }
  if (i64 error = find(call, who, fd, path, Follow::kNever, to); error != 0) {
    return error;
  }
  if (from.last == LastKind::kName && to.last == LastKind::kName &&
      from.parent->inode->mount != to.parent->inode->mount) {
    return -EXDEV;
  }
  if (i64 error = check_names(from, to, flags); error != 0) return error;
  if (i64 error = may_change(*from.parent->inode); error != 0) return error;
  Entry& entry = *from.entry;
  if (to.entry != nullptr && to.entry->inode == entry.inode) return 0;
  if (i64 error = check_permissions(who, from, to, exchanges); error != 0) {
    return error;
  }
  if (is_mount_point(entry) ||
      (to.entry != nullptr && is_mount_point(*to.entry))) {
    return -EBUSY;
  }
  const i64 time = now();
  if (exchanges) {
    if (!files_.exchange(entry, *to.entry)) return -ENOSPC;
    to.entry->inode->changed = time;
  } else {
    Entry* replaced = to.entry.get();
    if (replaced != nullptr && replaced->first_child != nullptr) {
      return -ENOTEMPTY;
    }
    // The new name is there before the old file goes: nobody can be between.
    if (!files_.move(entry, *to.parent, to.name)) return -ENOSPC;
    if (replaced != nullptr) {
      replaced->inode->changed = time;
      files_.remove(*replaced);
    }
  }
  entry.inode->changed = time;
  touch_directory(*from.parent);
  touch_directory(*to.parent);
  return 0;
}

}  // namespace tine::vfs
