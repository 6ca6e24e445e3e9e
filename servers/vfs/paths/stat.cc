// stat and its kin, access.
#include "servers/linux_abi/arch/stat.h"

#include "kernel/base/address.h"
#include "servers/linux_abi/errno.h"
#include "servers/vfs/statfs.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kStatxReserved = 0x8000'0000;
constexpr u32 kStatxSyncType = 0x6000;

constexpr u64 device_number(u32 major, u32 minor) {
  return (minor & 0xff) | u64{major} << 8 | u64{minor & ~0xffu} << 12;
}
u64 blocks_of(const Inode& inode) { return inode.frames * (kPageSize / 512); }
// The device of a file system that is on none: no major number.
u32 minor_of(const Inode& inode) { return static_cast<u32>(inode.mount); }
bool is_node(const Inode& inode) {
  return inode.is_device() || inode.type() == kModeBlock;
}

Timespec timespec_of(i64 ns) {
  i64 seconds = ns / kNsPerSecond;
  i64 rest = ns % kNsPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kNsPerSecond;
  }
  return {seconds, rest};
}

StatxTime statx_time(i64 ns) {
  const Timespec time = timespec_of(ns);
  return {time.seconds, static_cast<u32>(time.nanoseconds), 0};
}

}  // namespace

i64 VfsServer::put_stat(Call& call, Inode& inode, u64 address) {
  files_.contents().count(inode);
  Stat stat{};
  stat.dev = device_number(0, minor_of(inode));
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
  stat.access_time = timespec_of(inode.accessed);
  stat.modify_time = timespec_of(inode.modified);
  stat.change_time = timespec_of(inode.changed);
  return call.user.put(address, stat);
}

i64 VfsServer::sys_stat_at(Call& call, i32 fd, u64 path, u64 address,
                           u32 flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtNoAutomount | kAtEmptyPath)) != 0) {
    return -EINVAL;
  }
  // glibc's fstat() on AArch64 and newer ones everywhere: the file may have no
  // name.
  Inode* inode;
  EntryRef entry;
  if (i64 error = find_inode(call, fd, path, flags, entry, inode); error != 0) {
    return error;
  }
  return put_stat(call, *inode, address);
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
  Inode* found;
  EntryRef entry;
  if (i64 error =
          find_inode(call, call.as_int(0), call[1], flags, entry, found);
      error != 0) {
    return error;
  }
  files_.contents().count(*found);
  const Inode& inode = *found;
  Statx stat{};
  stat.mask = kStatxBasic;
  if (inode.created != 0) {
    stat.mask |= kStatxBirth;
    stat.birth_time = statx_time(inode.created);
  }
  stat.block_size = kPageSize;
  stat.links = inode.links;
  stat.uid = inode.uid;
  stat.gid = inode.gid;
  stat.mode = static_cast<u16>(inode.mode);
  stat.inode = inode.number;
  stat.size = inode.bytes;
  stat.blocks = blocks_of(inode);
  stat.access_time = statx_time(inode.accessed);
  stat.change_time = statx_time(inode.changed);
  stat.modify_time = statx_time(inode.modified);
  if (is_node(inode)) {
    stat.device_major = inode.device_major;
    stat.device_minor = inode.device_minor;
  }
  stat.dev_minor = minor_of(inode);
  stat.mask |= kStatxMountId;
  stat.mount_id = mount_id_of(inode.mount);
  return call.user.put(call[4], stat);
}

i64 VfsServer::put_statfs(Call& call, const Inode& inode, u64 address) {
  const Contents& contents = files_.contents();
  Statfs stat{};
  stat.block_size = stat.fragment_size = kPageSize;
  stat.name_max = kNameMax;
  stat.flags = kStatfsValid | kStatfsRelativeTimes;
  switch (inode.mount) {
    case Mount::kRoot:
      stat.type = kTmpfsMagic;
      stat.blocks = contents.most_pages();
      stat.free_blocks =
          stat.blocks > contents.pages() ? stat.blocks - contents.pages() : 0;
      stat.available_blocks = stat.free_blocks;
      stat.files = files_.most_inodes();
      stat.free_files = files_.most_inodes() - files_.inodes();
      break;
    case Mount::kProc:
      stat.type = kProcMagic;
      break;
    case Mount::kSys:
      stat.type = kSysMagic;
      break;
    case Mount::kPts:
      stat.type = kPtsMagic;
      break;
    case Mount::kQueues:
      stat.type = kQueueMagic;
      break;
    case Mount::kNone:
      stat.type = inode.is_fifo()               ? kPipeMagic
                  : inode.type() == kModeSocket ? kSocketMagic
                  : inode.is_regular()          ? kTmpfsMagic
                                                : kNamelessMagic;
      break;
  }
  return call.user.put(address, stat);
}

i64 VfsServer::sys_statfs(Call& call, u64 path, u64 address) {
  EntryRef entry;
  i64 error = find_entry(call, kAtFdCwd, path, 0, entry);
  return error != 0 ? error : put_statfs(call, *entry->inode, address);
}

i64 VfsServer::sys_fstatfs(Call& call, u32 fd, u64 address) {
  OpenFile* open = any_file(call, fd);
  return open == nullptr ? -EBADF : put_statfs(call, open->inode(), address);
}

i64 VfsServer::sys_access(Call& call, i32 fd, u64 path, u32 mode, u32 flags) {
  if ((mode & ~(kAccessRead | kAccessWrite | kAccessExecute)) != 0 ||
      (flags & ~(kAtEaccess | kAtSymlinkNoFollow | kAtEmptyPath)) != 0) {
    return -EINVAL;
  }
  // It asks for the real user, as a program with set-user-ID wants to know.
  const Credentials who = (flags & kAtEaccess) != 0
                              ? credentials(call.task)
                              : real_credentials(call.task);
  Inode* inode;
  EntryRef entry;
  if (i64 error =
          find_inode(call, who, fd, path, flags & ~kAtEaccess, entry, inode);
      error != 0) {
    return error;
  }
  return check_rights(who, *inode, mode);
}

}  // namespace tine::vfs
