// readv, writev and their positioned forms.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// preadv2() flags (linux/fs.h).
constexpr u32 kHighPriority = 1;
constexpr u32 kDataSync = 2;
constexpr u32 kSync = 4;
constexpr u32 kNoWait = 8;
constexpr u32 kAppend = 16;
constexpr u32 kAllFlags = kHighPriority | kDataSync | kSync | kNoWait | kAppend;

}  // namespace

// All are checked before anything is done.
i64 VfsServer::get_vectors(Call& call, u64 address, u32 count) {
  if (count > kMaxIoVectors) return -EINVAL;
  const u64 bytes = u64{count} * sizeof(IoVector);
  if (call.user.in(address, vectors_, bytes) != bytes) return -EFAULT;
  u64 total = 0;
  for (u64 i = 0; i < count; ++i) {
    if (vectors_[i].bytes > static_cast<u64>(INT64_MAX)) return -EINVAL;
    if (!UserMemory::is_plausible(vectors_[i].address, vectors_[i].bytes)) {
      return -EFAULT;
    }
    u64 room = kMaxTransfer - total;
    if (vectors_[i].bytes > room) vectors_[i].bytes = room;
    total += vectors_[i].bytes;
  }
  return 0;
}

i64 VfsServer::sys_readv(Call& call, bool writes) {
  const u32 fd = call.as_u32(0);
  const OpenFile* open = file(call, fd);
  if (i64 error = check_access(open, writes); error != 0) return error;
  const u32 count = call.as_u32(2);
  if (i64 error = get_vectors(call, call[1], count); error != 0) return error;
  Transfer transfer(call.user, vectors_, count);
  if (transfer.left() == 0) return 0;
  return move_next(call, fd, transfer, writes);
}

i64 VfsServer::sys_preadv(Call& call, bool writes) {
  const u32 fd = call.as_u32(0);
  const i64 offset = static_cast<i64>(call[3]);
  const OpenFile* open = file(call, fd);
  if (i64 error = check_positioned(open, writes, offset); error != 0) {
    return error;
  }
  const u32 count = call.as_u32(2);
  if (i64 error = get_vectors(call, call[1], count); error != 0) return error;
  Transfer transfer(call.user, vectors_, count);
  if (transfer.left() == 0) return 0;
  return move_at(call, fd, transfer, offset, {.writes = writes});
}

// An offset of -1 means the open file's own position.
i64 VfsServer::sys_preadv2(Call& call, bool writes) {
  const u32 fd = call.as_u32(0);
  const i64 offset = static_cast<i64>(call[3]);
  const u32 flags = call.as_u32(5);
  OpenFile* open = file(call, fd);
  const i64 error = offset == -1 ? check_access(open, writes)
                                 : check_positioned(open, writes, offset);
  if (error != 0) return error;
  const u32 count = call.as_u32(2);
  if (i64 bad = get_vectors(call, call[1], count); bad != 0) return bad;
  Transfer transfer(call.user, vectors_, count);
  // Flags are looked at once there is something to move.
  if (transfer.left() == 0) return 0;
  if ((flags & ~kAllFlags) != 0) return -EOPNOTSUPP;
  if ((flags & kAppend) != 0 && !writes) return -EOPNOTSUPP;
  const IoFlags io{.writes = writes, .waits = (flags & kNoWait) == 0};
  if ((flags & kAppend) != 0) {
    return move_at(call, fd, transfer, static_cast<i64>(open->inode().bytes),
                   io);
  }
  if (offset != -1) return move_at(call, fd, transfer, offset, io);
  transfer.skip(call.progress);
  return move(call, fd, *open, transfer, open->offset, io);
}

}  // namespace tine::vfs
