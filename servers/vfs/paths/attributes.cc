// chmod and chown.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kUnchanged = ~u32{0};

i64 set_mode(const Credentials& who, Inode& inode, u32 mode) {
  if (i64 error = may_change(inode); error != 0) return error;
  if (!owns(who, inode)) return -EPERM;
  if (inode.is_symlink()) return -EOPNOTSUPP;
  mode &= kModePermissions;
  if (!who.may(Capability::kFsetid) && !who.is_in(inode.gid))
    mode &= ~kModeSetGid;
  inode.mode = inode.type() | mode;
  inode.changed = now();
  return 0;
}

i64 set_owners(const Credentials& who, Inode& inode, u32 uid, u32 gid) {
  if (i64 error = may_change(inode); error != 0) return error;
  if (!who.may(Capability::kChown)) {
    // Nobody gives files away, but to groups that they are in.
    const bool keeps_user = uid == kUnchanged || uid == inode.uid;
    const bool keeps_group = gid == kUnchanged || gid == inode.gid;
    const bool is_owner = who.uid == inode.uid;
    if (uid != kUnchanged && !(keeps_user && is_owner)) return -EPERM;
    if (gid != kUnchanged && !(is_owner && (keeps_group || who.is_in(gid)))) {
      return -EPERM;
    }
  }
  if (!inode.is_directory()) inode.mode = without_set_id(who, inode);
  if (uid != kUnchanged) inode.uid = uid;
  if (gid != kUnchanged) inode.gid = gid;
  inode.changed = now();
  return 0;
}

}  // namespace

i64 VfsServer::sys_chmod(Call& call, i32 fd, u64 path, u32 mode, u32 flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return -EINVAL;
  EntryRef entry;
  Inode* inode;
  i64 error = find_inode(call, fd, path, flags, entry, inode);
  if (error == 0) error = set_mode(credentials(call.task), *inode, mode);
  if (error == 0) tell_watchers(entry.get(), *inode, kInAttributes);
  return error;
}

i64 VfsServer::sys_fchmod(Call& call, u32 fd, u32 mode) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  const i64 error = set_mode(credentials(call.task), open->inode(), mode);
  if (error == 0) tell_watchers(open->entry, open->inode(), kInAttributes);
  return error;
}

i64 VfsServer::sys_chown(Call& call, i32 fd, u64 path, u32 uid, u32 gid,
                         u32 flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return -EINVAL;
  EntryRef entry;
  Inode* inode;
  i64 error = find_inode(call, fd, path, flags, entry, inode);
  if (error == 0) error = set_owners(credentials(call.task), *inode, uid, gid);
  if (error == 0) tell_watchers(entry.get(), *inode, kInAttributes);
  return error;
}

i64 VfsServer::sys_fchown(Call& call, u32 fd, u32 uid, u32 gid) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  const i64 error = set_owners(credentials(call.task), open->inode(), uid, gid);
  if (error == 0) tell_watchers(open->entry, open->inode(), kInAttributes);
  return error;
}

}  // namespace tine::vfs
