// sendfile: from one file to another without the program's memory.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// What was read and could not be written is read again.
i64 VfsServer::copy_some(Call& call, OpenFile& from, u64& from_position,
                         OpenFile& to, u64& to_position, u64 bytes) {
  if (bytes > kBounceBytes) bytes = kBounceBytes;
  u64 position = from_position;
  Transfer in(bounce_, bytes);
  const i64 got = from.operations->read(call, from, in, position);
  if (got <= 0) return got;
  Transfer out(bounce_, static_cast<u64>(got));
  const i64 put = to.operations->write(call, to, out, to_position);
  if (put > 0) from_position += static_cast<u64>(put);
  return put;
}

i64 VfsServer::sys_sendfile(Call& call) {
  const u32 to_fd = call.as_u32(0);
  u64 given = 0;
  if (call[2] != 0 && !call.user.get(call[2], given)) return -EFAULT;
  OpenFile* from = file(call, call[1]);
  if (from == nullptr || !from->can_read()) return -EBADF;
  if (call[2] != 0 && !from->operations->has_positions()) return -ESPIPE;
  u64 wanted = call[3];
  if (static_cast<i64>(wanted) < 0) return -EINVAL;
  if (call[2] != 0 && static_cast<i64>(given) < 0) return -EINVAL;
  OpenFile* to = file(call, to_fd);
  if (to == nullptr || !to->can_write()) return -EBADF;
  if (!from->operations->has_positions() || from->inode().is_directory() ||
      from->operations->kind() == FileKind::kMessageQueue ||
      (to->flags & kOpenAppend) != 0) {
    return -EINVAL;
  }
  if (wanted > kMaxTransfer) wanted = kMaxTransfer;
  u64& position = call[2] != 0 ? given : from->offset;
  i64 result = 0;
  while (call.progress < wanted) {
    result = copy_some(call, *from, position, *to, to->offset,
                       wanted - call.progress);
    if (result > 0) call.progress += static_cast<u64>(result);
    // A pipe takes what it has room for, and is waited for only before that.
    const bool is_done =
        call.progress != 0 && to->operations->kind() == FileKind::kPipe;
    if (result == -EAGAIN && to->waits() && !is_done) {
      result = wait_for(call, to_fd, *to, true);
    }
    if (result <= 0) break;
  }
  // The offset is the program's to see at every stop, and read again after it.
  if (call[2] != 0 && call.user.put(call[2], given) != 0) return -EFAULT;
  if (result == kWithheld) return kWithheld;
  if (call.progress == 0) return result;
  tell_watchers(*from, kInAccess);
  tell_watchers(*to, kInModify);
  return static_cast<i64>(call.progress);
}

}  // namespace tine::vfs
