#include "servers/vfs/proc/text_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

i64 TextFile::read(Call& call, OpenFile& file, Transfer& to, u64& position) {
  u64 done = 0;
  while (to.left() != 0 && !to.has_failed()) {
    const u64 room = to.left() < sizeof(buffer_) ? to.left() : sizeof(buffer_);
    TextWindow window(buffer_, room, position);
    const i64 error = proc_.write_text(credentials_of(call.task.cookie),
                                       file.inode(), window);
    if (error != 0) return done != 0 ? static_cast<i64>(done) : error;
    if (window.kept() == 0) break;
    const u64 put = to.put(buffer_, window.kept());
    done += put;
    position += put;
    if (window.kept() < room) break;
  }
  return moved(to, done);
}

i64 TextFile::write(Call& call, OpenFile& file, Transfer& from, u64& position) {
  const u64 bytes = from.left();
  const u64 kept = from.get(buffer_, sizeof(buffer_));
  if (kept == 0) return moved(from, 0);
  if (i64 error = proc_.store_text(credentials_of(call.task.cookie),
                                   file.inode(), {buffer_, kept});
      error != 0) {
    return error;
  }
  from.skip(from.left());
  position += bytes;
  return static_cast<i64>(bytes);
}

i64 TextFile::seek(OpenFile& file, i64 offset, i32 whence) {
  if (whence == kSeekCur) offset += static_cast<i64>(file.offset);
  if (whence > kSeekCur || offset < 0) return -EINVAL;
  file.offset = static_cast<u64>(offset);
  return offset;
}

}  // namespace tine::vfs
