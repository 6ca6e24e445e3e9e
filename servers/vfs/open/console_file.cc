#include "servers/vfs/open/console_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/console.h"

namespace tine::vfs {

using namespace linux_abi;

i64 ConsoleFile::fill() {
  if (begin_ != end_) return 1;
  sys::Message answer = sys::call(
      kCallConsole, sys::make_message(ConsoleLabel::kRead,
                                      reinterpret_cast<u64>(input_), kRoom));
  i64 got = sys::result_of(answer, -EIO);
  if (got <= 0) return got;
  begin_ = 0;
  end_ = static_cast<u64>(got);
  return 1;
}

i64 ConsoleFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (to.left() == 0) return 0;
  i64 state = fill();
  if (state <= 0) return state;
  // What a reader did not take stays for the next.
  const u64 done = to.put(input_ + begin_, end_ - begin_);
  begin_ += done;
  return moved(to, done);
}

i64 ConsoleFile::put(const u8* from, u64 bytes) {
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

i64 ConsoleFile::write(Call&, OpenFile&, Transfer& from, u64&) {
  u64 done = 0;
  while (from.left() != 0 && !from.has_failed()) {
    const u64 got = from.get(output_, kRoom);
    if (put(output_, got) != 0) {
      return done != 0 ? static_cast<i64>(done) : -EIO;
    }
    done += got;
  }
  return moved(from, done);
}

u32 ConsoleFile::poll(OpenFile&) {
  const u32 writable = kPollOut | kPollWriteNormal;
  return fill() == -EAGAIN ? writable : writable | kPollIn | kPollReadNormal;
}

WaitQueue* ConsoleFile::wait_queue(OpenFile&, bool writes) {
  return writes ? nullptr : &readers_;
}

}  // namespace tine::vfs
