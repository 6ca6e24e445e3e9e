#include "servers/vfs/pipe/pipe.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u64 kMostBytes = u64{PipeBuffer::kMostSlots} * kPageSize;
}  // namespace

Pipe* Pipes::make() {
  Pipe* pipe = pipes.make(*this);
  if (pipe == nullptr) return nullptr;
  if (pipe->buffer_.prepare()) return pipe;
  pipes.free(pipe);
  return nullptr;
}

Pipe::Pipe(Pipes& home)
    : home_(home),
      buffer_(home.pool),
      read_queue_(home.wakeups),
      write_queue_(home.wakeups) {}

i64 Pipe::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (to.left() == 0) return 0;
  if (buffer_.is_empty()) return writers_ == 0 ? 0 : -EAGAIN;
  const u64 done = buffer_.read(to);
  if (done != 0) write_queue_.wake();
  return moved(to, done);
}

i64 Pipe::write(Call& call, OpenFile& file, Transfer& from, u64&) {
  if (from.left() == 0) return 0;
  if (readers_ == 0) {
    call.raises = kSigPipe;
    return -EPIPE;
  }
  const u64 done = buffer_.write(from, (file.flags & kOpenDirect) != 0);
  if (done != 0) read_queue_.wake();
  if (done == 0 && !from.has_failed()) return -EAGAIN;
  return moved(from, done);
}

u64 Pipe::peek(Transfer& to, u64 skipped) const {
  return buffer_.peek(to, skipped);
}

void Pipe::drop(u64 bytes) {
  buffer_.drop(bytes);
  if (bytes != 0) write_queue_.wake();
}

// A reader hears of the writers' end only if there was one since it came.
u32 Pipe::poll(OpenFile& file) {
  u32 events = 0;
  if (file.can_read()) {
    if (!buffer_.is_empty()) events |= kPollIn | kPollReadNormal;
    if (writers_ == 0 && writer_opens_ != file.offset) events |= kPollHangUp;
  }
  if (file.can_write()) {
    if (!buffer_.is_full()) events |= kPollOut | kPollWriteNormal;
    if (readers_ == 0) events |= kPollError;
  }
  return events;
}

WaitQueue* Pipe::wait_queue(OpenFile&, bool writes) {
  return writes ? &write_queue_ : &read_queue_;
}

i64 Pipe::ioctl(Call& call, OpenFile&, u32 request, u64 argument) {
  if (request != kIoctlReadable) return -ENOTTY;
  return call.user.put(argument, static_cast<u32>(buffer_.bytes()));
}

void Pipe::add_end(OpenFile& file) {
  if (file.can_write()) {
    ++writers_;
    ++writer_opens_;
  }
  if (file.can_read()) {
    // For those that have another end already the first writer is no news.
    file.offset = node.mode != 0 ? ~u64{0} : writer_opens_;
    ++readers_;
    ++reader_opens_;
  } else {
    file.offset = reader_opens_;
  }
  read_queue_.wake();
  write_queue_.wake();
}

bool Pipe::has_partner(const OpenFile& file) const {
  if (file.can_read() && file.can_write()) return true;
  return file.can_read() ? writers_ != 0 || writer_opens_ != file.offset
                         : readers_ != 0 || reader_opens_ != file.offset;
}

void Pipe::release(OpenFile& file) {
  if (file.can_read()) --readers_;
  if (file.can_write()) --writers_;
  read_queue_.wake();
  write_queue_.wake();
  if (readers_ + writers_ != 0) return;
  if (place != nullptr) *place = nullptr;
  home_.pipes.free(this);
}

u64 Pipe::describe(const OpenFile&, char* text, u64 room) const {
  return node.mode == 0 ? 0
                        : describe_by_number("pipe", node.number, text, room);
}

i64 Pipe::set_size(u64 bytes) {
  if (bytes > u64{1} << 31) return -EINVAL;
  if (bytes > kMostBytes) return -EPERM;
  u32 slots = 1;
  while (slots * kPageSize < bytes) slots *= 2;
  if (i64 error = buffer_.set_slots(slots); error != 0) return error;
  write_queue_.wake();
  return size();
}

}  // namespace tine::vfs
