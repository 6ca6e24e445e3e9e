// Bytes that wait in their order.
#ifndef SERVERS_VFS_TTY_BYTE_RING_H_
#define SERVERS_VFS_TTY_BYTE_RING_H_

#include "kernel/base/types.h"

namespace tine::vfs::tty {

template <u64 kBytes>
class ByteRing {
 public:
  u64 size() const { return tail_ - head_; }
  u64 room() const { return kBytes - size(); }
  void clear() { head_ = tail_; }
  // At most room() of them.
  void push(const u8* from, u64 count) {
    for (u64 i = 0; i < count; ++i) bytes_[tail_++ % kBytes] = from[i];
  }
  // The bytes at the front that lie in one piece.
  const u8* front() const { return bytes_ + head_ % kBytes; }
  u64 front_bytes() const {
    const u64 to_end = kBytes - head_ % kBytes;
    return size() < to_end ? size() : to_end;
  }
  void pop(u64 count) { head_ += count; }

 private:
  u64 head_ = 0;  // count up for ever
  u64 tail_ = 0;
  u8 bytes_[kBytes];
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_BYTE_RING_H_
