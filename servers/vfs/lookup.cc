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
  if (!found->inode().is_directory()) return -ENOTDIR;
  directory = found->entry;
  return 0;
}

i64 VfsServer::find(Call& call, i32 fd, u64 path, bool follow, Found& found) {
  i64 count = call.user.path(path, path_);
  if (count < 0) return count;
  if (count == 0) return -ENOENT;
  Text text{path_, static_cast<u64>(count)};
  Entry* start = call.task.context->directory;
  if (path_[0] != '/') {
    if (i64 error = directory_of(call, fd, start); error != 0) return error;
  } else if (follow && call.task.program != nullptr &&
             text.is("/proc/self/exe")) {
    found = {call.task.program, call.task.program->parent, LastKind::kName,
             false};
    return 0;
  }
  return walk_.walk(files_, *start, text, follow, found);
}

i64 VfsServer::find_entry(Call& call, i32 fd, u64 path, u32 flags, bool follow,
                          Entry*& entry) {
  if ((flags & kAtEmptyPath) != 0) {
    char first;
    if (!call.user.get(path, first)) return -EFAULT;
    if (first == '\0') {
      entry = call.task.context->directory;
      if (fd == kAtFdCwd) return 0;
      OpenFile* found = any_file(call, static_cast<u32>(fd));
      if (found == nullptr) return -EBADF;
      entry = found->entry;
      return 0;
    }
  }
  Found found;
  if (i64 error = find(call, fd, path, follow, found); error != 0) {
    return error;
  }
  if (found.entry == nullptr) return -ENOENT;
  entry = found.entry;
  return 0;
}

}  // namespace tine::vfs
