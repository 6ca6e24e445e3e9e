#include "servers/vfs/event/event_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kSemaphore = 1;  // EFD_SEMAPHORE; the others are as open()'s
}  // namespace

i64 EventFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (to.left() < sizeof(u64)) return -EINVAL;
  if (count_ == 0) return -EAGAIN;
  const u64 value = is_semaphore_ ? 1 : count_;
  if (to.put(&value, sizeof(value)) != sizeof(value)) return -EFAULT;
  count_ -= value;
  writers_.wake();
  return sizeof(value);
}

i64 EventFile::write(Call&, OpenFile&, Transfer& from, u64&) {
  // As a plain write of the first piece (eventfd has no write_iter).
  while (from.left() != 0 && from.piece_left() == 0) from.next_piece();
  if (from.left() < sizeof(u64) || from.piece_left() < sizeof(u64)) {
    return -EINVAL;
  }
  u64 value;
  if (from.get(&value, sizeof(value)) != sizeof(value)) return -EFAULT;
  if (value > kMost) return -EINVAL;
  if (value > kMost - count_) return -EAGAIN;
  count_ += value;
  readers_.wake();
  return sizeof(value);
}

u32 EventFile::poll(OpenFile&) {
  return (count_ != 0 ? u32{kPollIn} : 0) |
         (count_ < kMost ? u32{kPollOut} : 0);
}

void EventFile::release(OpenFile&) {
  readers_.wake();
  writers_.wake();
  home_.free(this);
}

i64 VfsServer::sys_eventfd(Call& call, u32 flags) {
  if ((flags & ~(kSemaphore | kOpenCloseOnExec | kOpenNonBlock)) != 0) {
    return -EINVAL;
  }
  EventFile* event = events_.make(events_, wakeups_, call.as_u32(0),
                                  (flags & kSemaphore) != 0);
  if (event == nullptr) return -ENOMEM;
  name_nameless(call, event->node, 0600);
  OpenFile* file = store_.make_file(*event, event->node, nullptr,
                                    kOpenReadWrite | (flags & kOpenNonBlock));
  if (file == nullptr) {
    events_.free(event);
    return -ENFILE;
  }
  const i64 fd = add_descriptor(call, *file, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*file);
  return fd;
}

}  // namespace tine::vfs
