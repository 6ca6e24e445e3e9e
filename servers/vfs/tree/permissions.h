// Who may do what to an inode: mode bits, owners, the superuser's privileges.
#ifndef SERVERS_VFS_TREE_PERMISSIONS_H_
#define SERVERS_VFS_TREE_PERMISSIONS_H_

#include "servers/vfs/tree/credentials.h"
#include "servers/vfs/tree/entry.h"

namespace tine::vfs {

// `mode` of linux_abi::kAccess*. 0 or EACCES, negated.
i64 check_rights(const Credentials& who, const Inode& inode, u32 mode);

inline bool owns(const Credentials& who, const Inode& inode) {
  return who.uid == inode.uid || who.may(linux_abi::Capability::kFowner);
}

// May a name be put into the directory? 0, EACCES, ENOENT: it was removed.
i64 check_add(const Credentials& who, const Inode& directory);
// May this name be taken away by rmdir (`wants_directory`) or unlink? EACCES,
// EPERM (sticky), ENOTDIR, EISDIR.
i64 check_remove(const Credentials& who, const Entry& entry,
                 bool wants_directory);

// The owner's group of what is made in `directory`, and what becomes of the
// mode: a directory with set-group-ID hands its group on.
void set_owner(const Credentials& who, const Inode& directory, Inode& made);

// The mode without the set-ID bits that changing the owner takes.
u32 without_set_id(const Credentials& who, const Inode& inode);
// Writing takes them, too, but for the superuser.
void drop_set_id(const Credentials& who, Inode& inode);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_PERMISSIONS_H_
