#include "servers/vfs/proc/memory_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/memory.h"
#include "servers/runtime/sys.h"

namespace tine::vfs {

using namespace linux_abi;

// Bytes moved between the program and `buffer_`, or a negated errno.
i64 MemoryFile::access(const OpenFile& file, MemoryLabel label, u64 position,
                       u64 bytes) {
  return sys::result_of(
      sys::call(kCallMemory, sys::make_message(label, file.inode().mm, position,
                                               reinterpret_cast<u64>(buffer_),
                                               bytes, kMmForce)),
      -EFAULT);
}

// mem_rw(): a piece that is not there ends the call, and is an error if it is
// the first; the caller's own memory is always one.
i64 MemoryFile::read(Call&, OpenFile& file, Transfer& to, u64& position) {
  i64 done = 0;
  while (to.left() != 0) {
    const u64 room = to.left() < sizeof(buffer_) ? to.left() : sizeof(buffer_);
    const i64 got = access(file, MemoryLabel::kMmRead, position, room);
    if (got == -ESRCH) break;  // the program is no more
    if (got == -ENOMEM && done == 0) return got;
    if (got <= 0) return done == 0 ? -EIO : done;
    const u64 bytes = static_cast<u64>(got);
    if (to.put(buffer_, bytes) != bytes) return -EFAULT;
    position += bytes;
    done += got;
  }
  return done;
}

i64 MemoryFile::write(Call&, OpenFile& file, Transfer& from, u64& position) {
  i64 done = 0;
  while (from.left() != 0) {
    const u64 room =
        from.left() < sizeof(buffer_) ? from.left() : sizeof(buffer_);
    if (from.get(buffer_, room) != room) return -EFAULT;
    const i64 put = access(file, MemoryLabel::kMmWrite, position, room);
    if (put == -ESRCH) break;
    if (put == -ENOMEM && done == 0) return put;
    if (put <= 0) return done == 0 ? -EIO : done;
    position += static_cast<u64>(put);
    done += put;
    if (static_cast<u64>(put) != room) break;
  }
  return done;
}

// mem_lseek(): addresses are as large as they are.
i64 MemoryFile::seek(OpenFile& file, i64 offset, i32 whence) {
  if (whence != kSeekSet && whence != kSeekCur) return -EINVAL;
  const u64 from = whence == kSeekCur ? file.offset : 0;
  file.offset = from + static_cast<u64>(offset);
  return static_cast<i64>(file.offset);
}

}  // namespace tine::vfs
