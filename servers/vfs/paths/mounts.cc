// mount, umount, pivot_root: what is mounted is mounted at the start and stays.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
// MS_REMOUNT, MS_BIND, MS_MOVE and those of propagation: of mounts that are.
constexpr u64 kChangesMounts = 32 | 4096 | 8192 | (u64{0xf} << 17);
constexpr u32 kForce = 1;  // MNT_*
constexpr u32 kDetach = 2;
constexpr u32 kExpire = 4;
constexpr u32 kNoFollow = 8;
}  // namespace

i64 VfsServer::sys_mount(Call& call) {
  const Credentials who = credentials(call.task);
  char first = '\0';
  if (call[2] != 0) {
    const i64 count = call.user.path(call[2], target_);
    if (count < 0) return count == -ENAMETOOLONG ? -EINVAL : count;
    first = target_[0];
  }
  if (call[0] != 0 && !call.user.get(call[0], first)) return -EFAULT;
  if (call[4] != 0 && !call.user.get(call[4], first)) return -EFAULT;
  EntryRef entry;
  if (i64 error = find_entry(call, who, kAtFdCwd, call[1], 0, entry);
      error != 0) {
    return error;
  }
  if (!who.may(Capability::kSysAdmin)) return -EPERM;
  if ((call[3] & kChangesMounts) != 0 || call[2] == 0) return -EINVAL;
  const Text type = text_of(target_);
  const bool is_known = type.is("tmpfs") || type.is("proc") ||
                        type.is("sysfs") || type.is("devpts");
  if (!is_known) return -ENODEV;
  return entry->inode->is_directory() ? -EBUSY : -ENOTDIR;
}

i64 VfsServer::sys_umount(Call& call) {
  const Credentials who = credentials(call.task);
  const u32 flags = call.as_u32(1);
  if ((flags & ~(kForce | kDetach | kExpire | kNoFollow)) != 0) return -EINVAL;
  EntryRef entry;
  if (i64 error =
          find_entry(call, who, kAtFdCwd, call[0],
                     (flags & kNoFollow) != 0 ? kAtSymlinkNoFollow : 0, entry);
      error != 0) {
    return error;
  }
  if (!who.may(Capability::kSysAdmin)) return -EPERM;
  if (!is_mount_point(*entry)) return -EINVAL;
  if ((flags & kExpire) != 0 && (flags & (kForce | kDetach)) != 0) {
    return -EINVAL;
  }
  return -EBUSY;
}

i64 VfsServer::sys_pivot_root(Call& call) {
  const Credentials who = credentials(call.task);
  if (!who.may(Capability::kSysAdmin)) return -EPERM;
  for (const u64 path : {call[0], call[1]}) {
    EntryRef entry;
    if (i64 error = find_entry(call, who, kAtFdCwd, path, 0, entry);
        error != 0) {
      return error;
    }
    if (!entry->inode->is_directory()) return -ENOTDIR;
  }
  return -EINVAL;
}

}  // namespace tine::vfs
