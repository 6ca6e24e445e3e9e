// copy_file_range: from one regular file to another.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::sys_copy_file_range(Call& call) {
  // What one call moves at most: programs go on with the rest.
  constexpr u64 kMost = 1 << 20;
  OpenFile* from = file(call, call[0]);
  OpenFile* to = file(call, call[2]);
  if (from == nullptr || to == nullptr) return -EBADF;
  u64 from_position = from->offset;
  u64 to_position = to->offset;
  if (call[1] != 0 && !call.user.get(call[1], from_position)) return -EFAULT;
  if (call[3] != 0 && !call.user.get(call[3], to_position)) return -EFAULT;
  if (call.as_u32(5) != 0) return -EINVAL;
  if (from->inode().is_directory() || to->inode().is_directory()) {
    return -EISDIR;
  }
  for (const OpenFile* end : {from, to}) {
    if (!end->inode().is_regular() || end->inode().mount == Mount::kQueues) {
      return -EINVAL;
    }
  }
  if (!from->can_read() || !to->can_write() || (to->flags & kOpenAppend) != 0) {
    return -EBADF;
  }
  u64 bytes = call[4];
  if (static_cast<i64>(from_position | to_position) < 0) return -EINVAL;
  if (bytes > static_cast<u64>(INT64_MAX) - from_position ||
      bytes > static_cast<u64>(INT64_MAX) - to_position) {
    return -EOVERFLOW;
  }
  const u64 size = from->inode().bytes;
  if (from_position >= size) return 0;
  if (bytes > size - from_position) bytes = size - from_position;
  if (from->node == to->node && from_position < to_position + bytes &&
      to_position < from_position + bytes) {
    return -EINVAL;
  }
  if (bytes > kMost) bytes = kMost;
  u64 done = 0;
  i64 result = 0;
  while (done < bytes) {
    result =
        copy_some(call, *from, from_position, *to, to_position, bytes - done);
    if (result <= 0) break;
    done += static_cast<u64>(result);
  }
  if (done == 0) return result;
  tell_watchers(*from, kInAccess);
  tell_watchers(*to, kInModify);
  i64 error = 0;
  if (call[1] == 0) {
    from->offset = from_position;
  } else {
    error = call.user.put(call[1], from_position);
  }
  if (call[3] == 0) {
    to->offset = to_position;
  } else if (error == 0) {
    error = call.user.put(call[3], to_position);
  }
  return error != 0 ? error : static_cast<i64>(done);
}

}  // namespace tine::vfs
