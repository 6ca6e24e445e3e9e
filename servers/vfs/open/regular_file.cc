#include "servers/vfs/open/regular_file.h"

#include "servers/linux_abi/errno.h"

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

i64 RegularFile::read(Call&, OpenFile& file, Transfer& to, u64& position) {
  const Inode& inode = file.inode();
  if (position >= inode.bytes) return 0;
  to.limit(inode.bytes - position);
  const u64 done = to.put_object(inode.object, position, to.left());
  position += done;
  return moved(to, done);
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
      // Files have no holes.
      return move_to(file, 0, whence == kSeekHole ? size : offset);
  }
}

i64 Directory::read(Call&, OpenFile&, Transfer&, u64&) { return -EISDIR; }

i64 Directory::seek(OpenFile& file, i64 offset, i32 whence) {
  if (whence > kSeekCur) return -EINVAL;
  return move_to(file, whence == kSeekCur ? static_cast<i64>(file.offset) : 0,
                 offset);
}

}  // namespace tine::vfs
