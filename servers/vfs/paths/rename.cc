// rename and renameat2.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kRenameNoReplace = 1;
constexpr u32 kRenameExchange = 2;
constexpr u32 kRenameWhiteout = 4;

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

// What union mounts take for "not there", where something was.
Entry* VfsServer::add_whiteout(const Credentials& who, Entry& directory,
                               Text name) {
  Inode* inode = files_.make_inode(kModeCharacter, now());
  if (inode == nullptr) return nullptr;
  set_owner(who, *directory.inode, *inode);
  Entry* entry = files_.add(directory, name, *inode);
  if (entry == nullptr) files_.discard(*inode);
  return entry;
}

void VfsServer::tell_move(Entry& from, Text old_name, Entry& to, Text name,
                          Inode& inode, Inode* replaced) {
  const u32 cookie = ++last_move_;
  const bool is_directory = inode.is_directory();
  tell_directory(from, old_name, is_directory, kInMovedFrom, cookie);
  tell_directory(to, name, is_directory, kInMovedTo, cookie);
  if (replaced != nullptr) tell_watchers(*replaced, kInAttributes);
  tell_watchers(inode, kInMoveSelf);
}

i64 VfsServer::sys_rename(Call& call, i32 old_fd, u64 old_path, i32 fd,
                          u64 path, u32 flags) {
  const bool exchanges = (flags & kRenameExchange) != 0;
  if ((flags & ~(kRenameNoReplace | kRenameExchange | kRenameWhiteout)) != 0 ||
      (exchanges && flags != kRenameExchange)) {
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
  for (u64 i = 0; i < entry.name.count; ++i) target_[i] = entry.name.bytes[i];
  const Text old_name{target_, entry.name.count};
  if (exchanges) {
    if (!files_.exchange(entry, *to.entry)) return -ENOSPC;
    to.entry->inode->changed = time;
  } else {
    Entry* replaced = to.entry.get();
    if (replaced != nullptr && replaced->first_child != nullptr) {
      return -ENOTEMPTY;
    }
    Entry* whiteout = nullptr;
    if ((flags & kRenameWhiteout) != 0) {
      whiteout = add_whiteout(who, *from.parent, old_name);
      if (whiteout == nullptr) return -ENOSPC;
    }
    // The new name is there before the old file goes: nobody can be between.
    if (!files_.move(entry, *to.parent, to.name)) {
      if (whiteout != nullptr) files_.remove(*whiteout);
      return -ENOSPC;
    }
    if (replaced != nullptr) {
      replaced->inode->changed = time;
      files_.remove(*replaced);
    }
  }
  entry.inode->changed = time;
  touch_directory(*from.parent);
  touch_directory(*to.parent);
  Inode* const other = to.entry == nullptr ? nullptr : to.entry->inode;
  tell_move(*from.parent, old_name, *to.parent, to.name, *entry.inode,
            exchanges ? nullptr : other);
  if (exchanges) {
    tell_move(*to.parent, to.name, *from.parent, old_name, *other, nullptr);
  }
  return 0;
}

}  // namespace tine::vfs
