// /dev/console: a plain channel of bytes to the console server.
#include "servers/protocol/console.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::console_read(Call& call, OpenFile& file, u64 address,
                            u64 bytes) {
  if (bytes == 0) return 0;
  i64 result = reader_.read(call.user, address, bytes);
  if (result != -EAGAIN || (file.flags & kOpenNonBlock) != 0) return result;
  reader_.wait(call.task, {call.token, call.badge, address, bytes});
  return kWithheld;
}

i64 VfsServer::console_put(const u8* from, u64 bytes) {
  while (bytes != 0) {
    sys::Message answer = sys::call(
        kCallConsole, sys::make_message(ConsoleLabel::kWrite,
                                        reinterpret_cast<u64>(from), bytes));
    i64 done = sys::result_of(answer, -EIO);
    if (done <= 0 || static_cast<u64>(done) > bytes) return -EIO;
    from += done;
    bytes -= static_cast<u64>(done);
  }
  return 0;
}

i64 VfsServer::console_write(Call& call, u64 address, u64 bytes) {
  u64 done = 0;
  while (done < bytes) {
    u64 part = bytes - done < kBounceBytes ? bytes - done : kBounceBytes;
    u64 got = call.user.in(address + done, bounce_, part);
    if (got != 0 && console_put(bounce_, got) != 0) {
      return done != 0 ? static_cast<i64>(done) : -EIO;
    }
    done += got;
    if (got != part) return done != 0 ? static_cast<i64>(done) : -EFAULT;
  }
  return static_cast<i64>(done);
}

}  // namespace tine::vfs
