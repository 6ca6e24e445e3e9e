// From descriptors and paths to files.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

OpenFile* VfsServer::any_file(Call& call, u64 fd) {
  const u32 number = static_cast<u32>(fd);
  if (call.pinned != nullptr && call.pinned_fd == number) return call.pinned;
  return call.task.table->get(number);
}

OpenFile* VfsServer::file(Call& call, u64 fd) {
  OpenFile* found = any_file(call, fd);
  return found == nullptr || found->is_path_only() ? nullptr : found;
}

i64 VfsServer::directory_of(Call& call, i32 fd, Entry*& directory) {
  directory = call.task.context->directory;
  if (fd == kAtFdCwd) return 0;
  OpenFile* found = any_file(call, static_cast<u32>(fd));
  if (found == nullptr) return -EBADF;
  if (found->entry == nullptr || !found->inode().is_directory()) {
    return -ENOTDIR;
  }
  directory = found->entry;
  return 0;
}

i64 VfsServer::find(Call& call, i32 fd, u64 path, Follow follow, Found& found) {
  return find(call, credentials(call.task), fd, path, follow, found);
}

i64 VfsServer::find(Call& call, const Credentials& who, i32 fd, u64 path,
                    Follow follow, Found& found, u64 resolve) {
  const i64 count = call.user.path(path, path_);
  if (count < 0) return count;
  if (count == 0) return -ENOENT;
  const Text text{path_, static_cast<u64>(count)};
  Entry* start = call.task.context->directory;
  const bool has_own_root = (resolve & kResolveInRoot) != 0;
  if (path_[0] != '/' || has_own_root) {
    if (i64 error = directory_of(call, fd, start); error != 0) return error;
  }
  Entry& root = has_own_root ? *start : *call.task.context->root;
  return walk_.walk(files_, who, root, *start, text, follow, found, resolve);
}

i64 VfsServer::find_inode(Call& call, i32 fd, u64 path, u32 flags,
                          EntryRef& entry, Inode*& inode) {
  return find_inode(call, credentials(call.task), fd, path, flags, entry,
                    inode);
}

i64 VfsServer::find_inode(Call& call, const Credentials& who, i32 fd, u64 path,
                          u32 flags, EntryRef& entry, Inode*& inode) {
  if ((flags & kAtEmptyPath) != 0) {
    char first = '\0';
    // Newer kernels take a null pointer for an empty path.
    if (path != 0 && !call.user.get(path, first)) return -EFAULT;
    if (first == '\0') {
      if (fd == kAtFdCwd) {
        entry = call.task.context->directory;
      } else {
        OpenFile* found = any_file(call, static_cast<u32>(fd));
        if (found == nullptr) return -EBADF;
        entry = found->entry;
        inode = &found->inode();
        return 0;
      }
      inode = entry->inode;
      return 0;
    }
  }
  Found found;
  const Follow follow =
      (flags & kAtSymlinkNoFollow) != 0 ? Follow::kNo : Follow::kYes;
  if (i64 error = find(call, who, fd, path, follow, found); error != 0) {
    return error;
  }
  if (found.file != nullptr) {
    inode = &found.file->inode();
    return 0;
  }
  if (found.entry == nullptr) return -ENOENT;
  entry = found.entry;
  inode = entry->inode;
  return 0;
}

i64 VfsServer::find_entry(Call& call, i32 fd, u64 path, u32 flags,
                          EntryRef& entry) {
  return find_entry(call, credentials(call.task), fd, path, flags, entry);
}

i64 VfsServer::find_entry(Call& call, const Credentials& who, i32 fd, u64 path,
                          u32 flags, EntryRef& entry) {
  Inode* inode;
  const i64 error = find_inode(call, who, fd, path, flags, entry, inode);
  // A pipe or the like has no entry that could be changed or linked.
  return error == 0 && entry == nullptr ? -EINVAL : error;
}

}  // namespace tine::vfs
