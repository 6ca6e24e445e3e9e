// stat and its kin, access.
#include "servers/linux_abi/arch/stat.h"

#include "kernel/base/address.h"
#include "servers/linux_abi/errno.h"
#include "servers/vfs/statfs.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kDevMinor = 2;  // of the file system itself: no major
constexpr u32 kStatxReserved = 0x8000'0000;
constexpr u32 kStatxSyncType = 0x6000;

constexpr u64 device_number(u32 major, u32 minor) {
  return (minor & 0xff) | u64{major} << 8 | u64{minor & ~0xffu} << 12;
}
constexpr u64 blocks_of(const Inode& inode) {
  return page_round_up(inode.bytes) / 512;
}
bool is_node(const Inode& inode) {
  return inode.is_device() || inode.type() == kModeBlock;
}

}  // namespace

i64 VfsServer::put_stat(Call& call, const Inode& inode, u64 address) {
  Stat stat{};
  stat.dev = device_number(0, kDevMinor);
  stat.inode = inode.number;
  stat.links = inode.links;
  stat.mode = inode.mode;
  stat.uid = inode.uid;
  stat.gid = inode.gid;
  if (is_node(inode)) {
    stat.device = device_number(inode.device_major, inode.device_minor);
  }
  stat.size = static_cast<i64>(inode.bytes);
  stat.block_size = kPageSize;
  stat.blocks = static_cast<i64>(blocks_of(inode));
  stat.access_time = stat.modify_time = stat.change_time = {inode.modified, 0};
  return call.user.put(address, stat);
}

i64 VfsServer::sys_stat_at(Call& call, i32 fd, u64 path, u64 address,
                           u32 flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtNoAutomount | kAtEmptyPath)) != 0) {
    return -EINVAL;
  }
  Entry* entry;
  if (i64 error = find_entry(call, fd, path, flags,
                             (flags & kAtSymlinkNoFollow) == 0, entry);
      error != 0) {
    return error;
  }
  return put_stat(call, *entry->inode, address);
}

i64 VfsServer::sys_stat(Call& call, u64 path, u64 address, bool follow) {
  return sys_stat_at(call, kAtFdCwd, path, address,
                     follow ? 0 : kAtSymlinkNoFollow);
}

i64 VfsServer::sys_fstat(Call& call, u32 fd, u64 address) {
  OpenFile* open = any_file(call, fd);
  return open == nullptr ? -EBADF : put_stat(call, open->inode(), address);
}

i64 VfsServer::sys_statx(Call& call) {
  const u32 flags = call.as_u32(2);
  if ((flags & ~(kAtSymlinkNoFollow | kAtNoAutomount | kAtEmptyPath |
                 kStatxSyncType)) != 0 ||
      (flags & kStatxSyncType) == kStatxSyncType ||
      (call.as_u32(3) & kStatxReserved) != 0) {
    return -EINVAL;
  }
  Entry* entry;
  if (i64 error = find_entry(call, call.as_int(0), call[1], flags,
                             (flags & kAtSymlinkNoFollow) == 0, entry);
      error != 0) {
    return error;
  }
  const Inode& inode = *entry->inode;
  Statx stat{};
  stat.mask = kStatxBasic;
  stat.block_size = kPageSize;
  stat.links = inode.links;
  stat.uid = inode.uid;
  stat.gid = inode.gid;
  stat.mode = static_cast<u16>(inode.mode);
  stat.inode = inode.number;
  stat.size = inode.bytes;
  stat.blocks = blocks_of(inode);
  stat.access_time.seconds = stat.change_time.seconds =
      stat.modify_time.seconds = inode.modified;
  if (is_node(inode)) {
    stat.device_major = inode.device_major;
    stat.device_minor = inode.device_minor;
  }
  stat.dev_minor = kDevMinor;
  return call.user.put(call[4], stat);
}

i64 VfsServer::put_statfs(Call& call, u64 address) {
  Statfs stat{};
  stat.type = kRamfsMagic;
  stat.block_size = stat.fragment_size = kPageSize;
  stat.files = files_.inodes();
  stat.name_max = kNameMax;
  stat.flags = kStatfsReadOnly | kStatfsValid;
  return call.user.put(address, stat);
}

i64 VfsServer::sys_access(Call& call, i32 fd, u64 path, u32 mode, u32 flags) {
  if ((mode & ~(kAccessRead | kAccessWrite | kAccessExecute)) != 0 ||
      (flags & ~(kAtEaccess | kAtSymlinkNoFollow | kAtEmptyPath)) != 0) {
    return -EINVAL;
  }
  Entry* entry;
  if (i64 error = find_entry(call, fd, path, flags,
                             (flags & kAtSymlinkNoFollow) == 0, entry);
      error != 0) {
    return error;
  }
  const Inode& inode = *entry->inode;
  // The superuser may all but run what nobody may run.
  if ((mode & kAccessExecute) != 0 && !inode.is_directory() &&
      (inode.mode & 0111) == 0) {
    return -EACCES;
  }
  if ((mode & kAccessWrite) != 0 &&
      (inode.is_regular() || inode.is_directory() || inode.is_symlink())) {
    return -EROFS;
  }
  return 0;
}

}  // namespace tine::vfs
