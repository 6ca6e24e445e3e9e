// readv, writev, and sendfile.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// All are checked before anything is done. 0 or a negated errno.
i64 VfsServer::get_vectors(Call& call, u64 address, u64 count) {
  if (count > kMaxIoVectors) return -EINVAL;
  const u64 bytes = count * sizeof(IoVector);
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

// `offset`: where to read, advanced; null: the file has no positions or this
// is a write.
i64 VfsServer::sys_vector(Call& call, OpenFile* file, bool writes,
                          u64* offset) {
  const u64 count = call.as_u32(2);
  if (i64 error = get_vectors(call, call[1], count); error != 0) return error;
  if (!writes && file->inode().is_directory()) return -EISDIR;
  i64 total = 0;
  for (u64 i = 0; i < count; ++i) {
    const IoVector& part = vectors_[i];
    if (part.bytes == 0) continue;
    // A read that has something does not wait for more.
    const u32 flags = file->flags;
    if (total != 0) file->flags |= kOpenNonBlock;
    i64 done = writes ? write_to(call, *file, part.address, part.bytes)
                      : read_at(call, *file, part.address, part.bytes, *offset);
    file->flags = flags;
    if (done == kWithheld) return done;
    if (done < 0) return total != 0 ? total : done;
    total += done;
    if (!writes) *offset += static_cast<u64>(done);
    if (static_cast<u64>(done) != part.bytes) break;
  }
  return total;
}

i64 VfsServer::sys_readv(Call& call, bool writes) {
  OpenFile* open = file(call, call[0]);
  if (open == nullptr || !(writes ? open->can_write() : open->can_read())) {
    return -EBADF;
  }
  u64 offset = open->offset;
  i64 result = sys_vector(call, open, writes, &offset);
  if (result > 0 && open->inode().is_regular()) open->offset = offset;
  return result;
}

i64 VfsServer::sys_preadv(Call& call, bool writes) {
  OpenFile* open = file(call, call[0]);
  const i64 position = static_cast<i64>(call[3]);
  if (i64 error = check_positioned(open, writes, position); error != 0) {
    return error;
  }
  u64 offset = static_cast<u64>(position);
  return sys_vector(call, open, writes, &offset);
}

// Bytes sent, or a negated errno if none was.
i64 VfsServer::send(OpenFile& to, const Inode& from, u64 offset, u64 bytes) {
  const Device device = device_of(to.inode());
  if (device == Device::kFull) return -ENOSPC;
  if (device != Device::kConsole) return static_cast<i64>(bytes);
  u64 done = 0;
  while (done < bytes) {
    u64 part = bytes - done < kBounceBytes ? bytes - done : kBounceBytes;
    if (sys::copy_in(from.object, offset + done, bounce_, part).done != part ||
        console_put(bounce_, part) != 0) {
      return done != 0 ? static_cast<i64>(done) : -EIO;
    }
    done += part;
  }
  return static_cast<i64>(done);
}

i64 VfsServer::sys_sendfile(Call& call) {
  u64 position = 0;
  if (call[2] != 0) {
    if (!call.user.get(call[2], position)) return -EFAULT;
  }
  OpenFile* from = file(call, call[1]);
  if (from == nullptr || !from->can_read()) return -EBADF;
  if (call[2] != 0 && static_cast<i64>(position) < 0) return -EINVAL;
  OpenFile* to = file(call, call[0]);
  if (to == nullptr || !to->can_write()) return -EBADF;
  if (!from->inode().is_regular() || (to->flags & kOpenAppend) != 0) {
    return -EINVAL;
  }
  const Inode& inode = from->inode();
  const u64 offset = call[2] != 0 ? position : from->offset;
  u64 bytes = offset < inode.bytes ? inode.bytes - offset : 0;
  if (bytes > call[3]) bytes = call[3];
  if (bytes > kMaxTransfer) bytes = kMaxTransfer;
  i64 result = bytes == 0 ? 0 : send(*to, inode, offset, bytes);
  if (result <= 0) return result;
  const u64 after = offset + static_cast<u64>(result);
  if (call[2] == 0) {
    from->offset = after;
    return result;
  }
  i64 error = call.user.put(call[2], after);
  return error != 0 ? error : result;
}

}  // namespace tine::vfs
