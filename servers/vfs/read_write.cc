// read, write and their positioned forms.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

alignas(8) constexpr u8 kZeros[4096] = {};

u64 at_most(u64 bytes, u64 most) { return bytes < most ? bytes : most; }

}  // namespace

i64 VfsServer::read_at(Call& call, OpenFile& file, u64 address, u64 bytes,
                       u64 offset) {
  const Inode& inode = file.inode();
  if (inode.is_directory()) return -EISDIR;
  if (!UserMemory::is_plausible(address, bytes)) return -EFAULT;
  if (bytes > static_cast<u64>(INT64_MAX) - offset) return -EINVAL;
  bytes = at_most(bytes, kMaxTransfer);
  u64 done = 0;
  switch (device_of(inode)) {
    case Device::kConsole:
      return console_read(call, file, address, bytes);
    case Device::kNull:
      return 0;
    case Device::kZero:
    case Device::kFull:
      while (done < bytes) {
        u64 part = at_most(bytes - done, sizeof(kZeros));
        u64 got = call.user.out(address + done, kZeros, part);
        done += got;
        if (got != part) break;
      }
      break;
    case Device::kNone:
      if (offset >= inode.bytes) return 0;
      bytes = at_most(bytes, inode.bytes - offset);
      done = call.user.out_of_object(address, inode.object, offset, bytes);
      break;
  }
  return done == 0 && bytes != 0 ? -EFAULT : static_cast<i64>(done);
}

i64 VfsServer::write_to(Call& call, OpenFile& file, u64 address, u64 bytes) {
  if (!UserMemory::is_plausible(address, bytes)) return -EFAULT;
  bytes = at_most(bytes, kMaxTransfer);
  switch (device_of(file.inode())) {
    case Device::kConsole:
      return console_write(call, address, bytes);
    case Device::kNull:
    case Device::kZero:
      return static_cast<i64>(bytes);
    case Device::kFull:
      return -ENOSPC;
    case Device::kNone:
      break;
  }
  return -EBADF;  // nothing else can be opened for writing
}

i64 VfsServer::sys_read(Call& call, u32 fd, u64 address, u64 bytes) {
  OpenFile* open = file(call, fd);
  if (open == nullptr || !open->can_read()) return -EBADF;
  i64 result = read_at(call, *open, address, bytes, open->offset);
  if (result > 0 && open->inode().is_regular()) {
    open->offset += static_cast<u64>(result);
  }
  return result;
}

i64 VfsServer::sys_write(Call& call, u32 fd, u64 address, u64 bytes) {
  OpenFile* open = file(call, fd);
  if (open == nullptr || !open->can_write()) return -EBADF;
  return write_to(call, *open, address, bytes);
}

i64 VfsServer::check_positioned(OpenFile* file, bool writes, i64 offset) {
  if (offset < 0) return -EINVAL;
  if (file == nullptr) return -EBADF;
  if (device_of(file->inode()) == Device::kConsole) return -ESPIPE;
  return (writes ? file->can_write() : file->can_read()) ? 0 : -EBADF;
}

i64 VfsServer::sys_pread(Call& call, u32 fd, u64 address, u64 bytes,
                         i64 offset) {
  OpenFile* open = file(call, fd);
  if (i64 error = check_positioned(open, false, offset); error != 0) {
    return error;
  }
  return read_at(call, *open, address, bytes, static_cast<u64>(offset));
}

i64 VfsServer::sys_pwrite(Call& call, u32 fd, u64 address, u64 bytes,
                          i64 offset) {
  OpenFile* open = file(call, fd);
  if (i64 error = check_positioned(open, true, offset); error != 0) {
    return error;
  }
  return write_to(call, *open, address, bytes);
}

}  // namespace tine::vfs
