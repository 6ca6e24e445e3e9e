// read, write and their positioned forms.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::move(Call& call, u32 fd, OpenFile& file, Transfer& transfer,
                    u64& position, IoFlags flags) {
  FileOperations& operations = *file.operations;
  i64 done = flags.writes ? operations.write(call, file, transfer, position)
                          : operations.read(call, file, transfer, position);
  if (done > 0) call.progress += static_cast<u64>(done);
  const bool is_short = flags.writes && done > 0 && transfer.left() != 0 &&
                        !transfer.has_failed() && operations.writes_all();
  if ((done == -EAGAIN || is_short) && flags.waits && file.waits()) {
    done = wait_for(call, fd, file, flags.writes);
    if (done == kWithheld) return kWithheld;
  }
  if (call.progress == 0) return done;
  tell_watchers(file, flags.writes ? kInModify : kInAccess);
  return static_cast<i64>(call.progress);
}

i64 VfsServer::move_next(Call& call, u32 fd, Transfer& transfer, bool writes) {
  OpenFile* open = file(call, fd);
  transfer.skip(call.progress);
  return move(call, fd, *open, transfer, open->offset, {.writes = writes});
}

i64 VfsServer::move_at(Call& call, u32 fd, Transfer& transfer, i64 offset,
                       IoFlags flags) {
  OpenFile* open = file(call, fd);
  u64 position = static_cast<u64>(offset) + call.progress;
  transfer.skip(call.progress);
  return move(call, fd, *open, transfer, position, flags);
}

i64 VfsServer::sys_read_write(Call& call, bool writes) {
  const u32 fd = call.as_u32(0);
  const OpenFile* open = file(call, fd);
  if (i64 error = check_access(open, writes); error != 0) return error;
  u64 bytes = call[2];
  if (!UserMemory::is_plausible(call[1], bytes)) return -EFAULT;
  if (bytes > static_cast<u64>(INT64_MAX)) return -EINVAL;
  if (bytes > kMaxTransfer) bytes = kMaxTransfer;
  Transfer transfer(call.user, call[1], bytes);
  return move_next(call, fd, transfer, writes);
}

i64 VfsServer::sys_pread_pwrite(Call& call, bool writes) {
  const u32 fd = call.as_u32(0);
  const i64 offset = static_cast<i64>(call[3]);
  const OpenFile* open = file(call, fd);
  if (i64 error = check_positioned(open, writes, offset); error != 0) {
    return error;
  }
  u64 bytes = call[2];
  if (!UserMemory::is_plausible(call[1], bytes)) return -EFAULT;
  if (bytes > static_cast<u64>(INT64_MAX - offset)) return -EINVAL;
  if (bytes > kMaxTransfer) bytes = kMaxTransfer;
  Transfer transfer(call.user, call[1], bytes);
  return move_at(call, fd, transfer, offset, {.writes = writes});
}

}  // namespace tine::vfs
