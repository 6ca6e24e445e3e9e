#include "servers/vfs/open/regular_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/call.h"
#include "servers/vfs/tree/permissions.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// The position `offset` away from `base`, kept in the open file.
i64 move_to(OpenFile& file, i64 base, i64 offset) {
  i64 target;
  if (__builtin_add_overflow(base, offset, &target)) return -EINVAL;
  if (target < 0) return -EINVAL;
  file.offset = static_cast<u64>(target);
  return target;
}

}  // namespace

// As Linux's relatime: once after each change, and once a day.
void note_access(Inode& inode) {
  constexpr i64 kDay = 24 * 3600 * kNsPerSecond;
  const i64 time = now();
  if (inode.accessed <= inode.modified || inode.accessed <= inode.changed ||
      time - inode.accessed >= kDay) {
    inode.accessed = time;
  }
}

void note_read(OpenFile& file) {
  if ((file.flags & kOpenNoAtime) == 0) note_access(file.inode());
}

i64 RegularFile::read(Call&, OpenFile& file, Transfer& to, u64& position) {
  const Inode& inode = file.inode();
  if (to.left() != 0) note_read(file);
  if (position >= inode.bytes) return 0;
  to.limit(inode.bytes - position);
  const u64 done = inode.object == kNoHandle
                       ? to.put_zeros(to.left())
                       : to.put_object(inode.object, position, to.left());
  position += done;
  return moved(to, done);
}

i64 RegularFile::write(Call& call, OpenFile& file, Transfer& from,
                       u64& position) {
  Inode& inode = file.inode();
  Contents& contents = files_.contents();
  u64 bytes = from.left();
  if (bytes == 0) return 0;
  const bool appends = (file.flags & kOpenAppend) != 0;
  const u64 offset = appends ? inode.bytes : position;
  if (offset + bytes > call.task.file_limit) {
    if (offset >= call.task.file_limit) return too_big(call);
    bytes = call.task.file_limit - offset;
  }
  if ((inode.seals & (kSealWrite | kSealFutureWrite)) != 0) return -EPERM;
  if ((inode.seals & kSealGrow) != 0 && offset + bytes > inode.bytes) {
    if (offset >= inode.bytes) return -EPERM;
    bytes = inode.bytes - offset;
  }
  if (i64 error = contents.prepare_write(inode, offset, bytes); error != 0) {
    return error;
  }
  const u64 done = from.get_object(inode.object, offset, bytes);
  contents.finish_write(inode, offset, done);
  if (done != 0) {
    drop_set_id(credentials_of(call.task.cookie), inode);
    inode.modified = inode.changed = now();
    position = offset + done;
  }
  return done == 0 && from.lacks_room() ? -ENOSPC : moved(from, done);
}

i64 RegularFile::ioctl(Call& call, OpenFile& file, u32 request, u64 argument) {
  if (request != kIoctlReadable) return -ENOTTY;
  // An int: of a file that is larger the low bits, as Linux has it.
  const u64 left = file.inode().bytes - file.offset;
  return call.user.put(argument, static_cast<u32>(left));
}

i64 RegularFile::seek(OpenFile& file, i64 offset, i32 whence) {
  const i64 size = static_cast<i64>(file.inode().bytes);
  switch (whence) {
    case kSeekSet:
      return move_to(file, 0, offset);
    case kSeekCur:
      return move_to(file, static_cast<i64>(file.offset), offset);
    case kSeekEnd:
      return move_to(file, size, offset);
    default:
      if (offset < 0 || offset >= size) return -ENXIO;
      offset = static_cast<i64>(files_.contents().next_of_kind(
          file.inode(), static_cast<u64>(offset), whence == kSeekData));
      if (offset >= size) {
        if (whence == kSeekData) return -ENXIO;
        offset = size;
      }
      return move_to(file, 0, offset);
  }
}

i64 Directory::read(Call&, OpenFile&, Transfer&, u64&) { return -EISDIR; }

i64 Directory::seek(OpenFile& file, i64 offset, i32 whence) {
  if (whence > kSeekCur) return -EINVAL;
  return move_to(file, whence == kSeekCur ? static_cast<i64>(file.offset) : 0,
                 offset);
}

}  // namespace tine::vfs
