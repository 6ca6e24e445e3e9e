// name_to_handle_at and open_by_handle_at: files by their inode's number.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// struct file_handle, and what it has of a file. A number is never given to
// another file, so that handles need nothing else.
struct HandleHead {
  u32 bytes;
  i32 type;
};
struct FileHandle {
  u32 generation = 0;
  u32 low = 0;
  u32 high = 0;
};
constexpr u32 kMostBytes = 128;  // MAX_HANDLE_SZ
constexpr i32 kType = 1;
constexpr i32 kNoType = 255;

}  // namespace

i64 VfsServer::sys_name_to_handle(Call& call) {
  const u32 flags = call.as_u32(4);
  if ((flags & ~(kAtSymlinkFollow | kAtEmptyPath)) != 0) return -EINVAL;
  const u32 how = (flags & kAtEmptyPath) |
                  ((flags & kAtSymlinkFollow) != 0 ? 0 : kAtSymlinkNoFollow);
  EntryRef entry;
  Inode* inode;
  if (i64 error = find_inode(call, call.as_int(0), call[1], how, entry, inode);
      error != 0) {
    return error;
  }
  if (inode->mount != Mount::kRoot) return -EOPNOTSUPP;
  HandleHead head;
  if (!call.user.get(call[2], head)) return -EFAULT;
  if (head.bytes > kMostBytes) return -EINVAL;
  const bool has_room = head.bytes >= sizeof(FileHandle);
  head = {sizeof(FileHandle), has_room ? kType : kNoType};
  const FileHandle handle{.low = static_cast<u32>(inode->number),
                          .high = static_cast<u32>(inode->number >> 32)};
  if (call.user.put(call[3], static_cast<i32>(mount_id_of(inode->mount))) !=
          0 ||
      call.user.put(call[2], head) != 0 ||
      (has_room && call.user.put(call[2] + sizeof(head), handle) != 0)) {
    return -EFAULT;
  }
  return has_room ? 0 : -EOVERFLOW;
}

i64 VfsServer::sys_open_by_handle(Call& call) {
  if (call.pinned != nullptr) return finish_fifo(call, call.as_u32(2));
  const Credentials who = credentials(call.task);
  if (!who.may(Capability::kDacReadSearch)) return -EPERM;
  HandleHead head;
  if (!call.user.get(call[1], head)) return -EFAULT;
  if (head.bytes == 0 || head.bytes > kMostBytes) return -EINVAL;
  u8 all[kMostBytes] = {};
  if (call.user.in(call[1] + sizeof(head), all, head.bytes) != head.bytes) {
    return -EFAULT;
  }
  const i32 fd = call.as_int(0);
  const OpenFile* mount = nullptr;
  if (fd != kAtFdCwd) {
    mount = file(call, static_cast<u32>(fd));
    if (mount == nullptr) return -EBADF;
  }
  if (mount != nullptr && mount->inode().mount != Mount::kRoot) return -ESTALE;
  FileHandle handle;
  __builtin_memcpy(&handle, all, sizeof(handle));
  const bool is_ours = head.type == kType && handle.generation == 0 &&
                       head.bytes >= sizeof(handle);
  EntryRef entry = is_ours
                       ? files_.find_number(handle.low | u64{handle.high} << 32)
                       : nullptr;
  if (entry == nullptr) return -ESTALE;
  const u32 flags = call.as_u32(2) & ~kOpenCreate;
  const bool is_path_only = (flags & kOpenPath) != 0;
  Inode& inode = *entry->inode;
  if ((flags & kOpenDirectory) != 0 && !inode.is_directory()) return -ENOTDIR;
  if (!is_path_only) {
    if (i64 error = check_open(who, inode, flags); error != 0) return error;
  }
  const i64 opened = install(call, *entry, flags);
  if (opened < 0 || is_path_only) return opened;
  if ((flags & kOpenTruncate) != 0 && inode.is_regular()) {
    if (i64 error = set_size(call, inode, 0); error != 0) {
      call.task.table->set(store_, static_cast<u32>(opened), nullptr, false);
      return error;
    }
  }
  tell_watchers(*call.task.table->get(static_cast<u32>(opened)), kInOpen);
  return opened;
}

}  // namespace tine::vfs
