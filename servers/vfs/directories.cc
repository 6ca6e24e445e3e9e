// Directories and symlinks.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// The n-th entry as getdents64 has it: ".", "..", then the names.
struct Listing {
  const Entry& directory;
  u64 position;
  const Entry* child;  // at this position, if it is not "." or ".."

  Listing(const Entry& of, u64 from)
      : directory(of), position(from), child(of.first_child) {
    for (u64 i = 2; i < from && child != nullptr; ++i) {
      child = child->next_sibling;
    }
  }
  bool has_entry() const { return position < 2 || child != nullptr; }
  const Inode& inode() const {
    if (position == 0) return *directory.inode;
    if (position == 1) return *directory.parent->inode;
    return *child->inode;
  }
  Text name() const {
    return position < 2 ? Text{"..", position + 1} : child->name;
  }
  void advance() {
    if (position++ >= 2) child = child->next_sibling;
  }
};

void put_bytes(u8* to, const void* from, u64 bytes) {
  for (u64 i = 0; i < bytes; ++i) to[i] = static_cast<const u8*>(from)[i];
}

}  // namespace

i64 VfsServer::sys_getdents64(Call& call, u32 fd, u64 address, u64 bytes) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  if (!open->inode().is_directory()) return -ENOTDIR;
  u64 room = bytes < kBounceBytes ? bytes : kBounceBytes;
  u64 used = 0;
  Listing listing(*open->entry, open->offset);
  for (; listing.has_entry(); listing.advance()) {
    const Text name = listing.name();
    const u64 size = (kDirectoryEntryName + name.count + 1 + 7) & ~u64{7};
    if (size > room - used) break;
    const DirectoryEntry head{
        listing.inode().number, static_cast<i64>(listing.position + 1),
        static_cast<u16>(size), static_cast<u8>(listing.inode().mode >> 12)};
    u8* at = bounce_ + used;
    put_bytes(at, &head, kDirectoryEntryName);
    put_bytes(at + kDirectoryEntryName, name.bytes, name.count);
    for (u64 i = kDirectoryEntryName + name.count; i < size; ++i) at[i] = 0;
    used += size;
  }
  if (used == 0) return listing.has_entry() ? -EINVAL : 0;
  if (call.user.out(address, bounce_, used) != used) return -EFAULT;
  open->offset = listing.position;
  return static_cast<i64>(used);
}

i64 VfsServer::sys_getcwd(Call& call, u64 address, u64 bytes) {
  u64 count =
      files_.path_of(*call.task.context->directory, path_, kPathMax - 1);
  if (count == 0) return -ENAMETOOLONG;
  path_[count++] = '\0';
  if (count > bytes) return -ERANGE;
  if (call.user.out(address, path_, count) != count) return -EFAULT;
  return static_cast<i64>(count);
}

i64 VfsServer::sys_chdir(Call& call) {
  Entry* entry;
  if (i64 error = find_entry(call, kAtFdCwd, call[0], 0, true, entry);
      error != 0) {
    return error;
  }
  if (!entry->inode->is_directory()) return -ENOTDIR;
  call.task.context->directory = entry;
  return 0;
}

i64 VfsServer::sys_fchdir(Call& call) {
  OpenFile* open = any_file(call, call[0]);
  if (open == nullptr) return -EBADF;
  if (!open->inode().is_directory()) return -ENOTDIR;
  call.task.context->directory = open->entry;
  return 0;
}

// The text of the symlink at `path`.
i64 VfsServer::find_target(Call& call, i32 fd, u64 path, Text& target) {
  i64 count = call.user.path(path, path_);
  if (count < 0) return count;
  if (call.task.program != nullptr &&
      Text{path_, static_cast<u64>(count)}.is("/proc/self/exe")) {
    target = {path_, files_.path_of(*call.task.program, path_, kPathMax)};
    return 0;
  }
  // An empty path means `fd`, which then was opened by O_PATH | O_NOFOLLOW.
  Entry* entry;
  if (i64 error = find_entry(call, fd, path, kAtEmptyPath, false, entry);
      error != 0) {
    return error;
  }
  const Inode& inode = *entry->inode;
  if (!inode.is_symlink()) return count == 0 ? -ENOENT : -EINVAL;
  target = {inode.target, inode.bytes};
  return 0;
}

i64 VfsServer::sys_readlink(Call& call, i32 fd, u64 path, u64 address,
                            i32 bytes) {
  if (bytes <= 0) return -EINVAL;
  const u64 room = static_cast<u64>(bytes);
  Text target{};
  if (i64 error = find_target(call, fd, path, target); error != 0) {
    return error;
  }
  u64 count = target.count < room ? target.count : room;
  if (call.user.out(address, target.bytes, count) != count) return -EFAULT;
  return static_cast<i64>(count);
}

}  // namespace tine::vfs
