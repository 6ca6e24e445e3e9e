#include "servers/vfs/tree/permissions.h"

#include "servers/linux_abi/errno.h"

namespace tine::vfs {

using namespace linux_abi;

i64 check_rights(const Credentials& who, const Inode& inode, u32 mode) {
  u32 bits = inode.mode;
  if (who.uid == inode.uid) {
    bits >>= 6;
  } else if (who.is_in(inode.gid)) {
    bits >>= 3;
  }
  if ((mode & ~bits & 7) == 0) return 0;
  // generic_permission(): directories are searched by either right, nobody runs
  // what nobody may run.
  const bool reads = (mode & kAccessWrite) == 0 &&
                     (inode.is_directory() || (mode & kAccessExecute) == 0);
  if (reads && who.may(Capability::kDacReadSearch)) return 0;
  const bool may_run = (mode & kAccessExecute) == 0 || inode.is_directory() ||
                       (inode.mode & 0111) != 0;
  return may_run && who.may(Capability::kDacOverride) ? 0 : -EACCES;
}

i64 check_add(const Credentials& who, const Inode& directory) {
  if (directory.links == 0) return -ENOENT;
  return check_rights(who, directory, kAccessWrite | kAccessExecute);
}

i64 check_remove(const Credentials& who, const Entry& entry,
                 bool wants_directory) {
  const Inode& directory = *entry.parent->inode;
  const Inode& inode = *entry.inode;
  if (i64 error = check_rights(who, directory, kAccessWrite | kAccessExecute);
      error != 0) {
    return error;
  }
  if ((directory.mode & kModeSticky) != 0 && !owns(who, directory) &&
      !owns(who, inode)) {
    return -EPERM;
  }
  if (wants_directory) return inode.is_directory() ? 0 : -ENOTDIR;
  return inode.is_directory() ? -EISDIR : 0;
}

void set_owner(const Credentials& who, const Inode& directory, Inode& made) {
  made.uid = who.uid;
  made.gid = who.gid;
  if ((directory.mode & kModeSetGid) != 0) {
    made.gid = directory.gid;
    if (made.is_directory()) {
      made.mode |= kModeSetGid;
      return;
    }
  }
  // A group that one is not in gets no program that runs as it.
  if ((made.mode & (kModeSetGid | 0010)) == (kModeSetGid | 0010) &&
      !made.is_directory() && !who.may(Capability::kFsetid) &&
      !who.is_in(made.gid)) {
    made.mode &= ~kModeSetGid;
  }
}

u32 without_set_id(const Credentials& who, const Inode& inode) {
  u32 mode = inode.mode & ~kModeSetUid;
  // Without the group's execute bit it once meant mandatory locking.
  if ((mode & 0010) != 0 ||
      (!who.may(Capability::kFsetid) && !who.is_in(inode.gid))) {
    mode &= ~kModeSetGid;
  }
  return mode;
}

void drop_set_id(const Credentials& who, Inode& inode) {
  if (!who.may(Capability::kFsetid) &&
      (inode.mode & (kModeSetUid | kModeSetGid)) != 0) {
    inode.mode = without_set_id(who, inode);
  }
}

}  // namespace tine::vfs
