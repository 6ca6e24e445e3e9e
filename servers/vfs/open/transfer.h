// The caller's side of a read or a write: where bytes come from or go to, piece
// by piece. Every kind of file copies through one of these, so that read,
// readv, preadv2, recvmsg and sendfile share all of it.
#ifndef SERVERS_VFS_OPEN_TRANSFER_H_
#define SERVERS_VFS_OPEN_TRANSFER_H_

#include "servers/linux_abi/file.h"
#include "servers/vfs/user_memory.h"

namespace tine::vfs {

class Transfer {
 public:
  // Of the caller's memory. The pieces stay where they are.
  Transfer(UserMemory& user, const linux_abi::IoVector* pieces, u64 count);
  Transfer(UserMemory& user, u64 address, u64 bytes);
  // Of this server's own memory.
  Transfer(void* own, u64 bytes);
  Transfer(const Transfer&) = delete;

  // Bytes still to be moved.
  u64 left() const { return left_; }
  // Where the next bytes are in the caller's memory; 0: in this server's.
  u64 address() const { return user_ == nullptr ? 0 : pieces_->address + at_; }
  u64 piece_left() const { return pieces_->bytes - at_; }
  void next_piece() {
    ++pieces_;
    --count_;
    at_ = 0;
  }
  // Whether a piece had no memory: what was to be moved before it has been.
  bool has_failed() const { return failed_; }
  // Whether it was the object's page that had none.
  bool lacks_room() const {
    return failed_ && user_ != nullptr && user_->is_object_full();
  }
  // No more than this from now on.
  void limit(u64 bytes) {
    if (bytes < left_) left_ = bytes;
  }
  void skip(u64 bytes);

  // All move at most `bytes` and at most left() and answer how many they moved;
  // fewer than asked: has_failed(). put: to the caller. get: from the caller.
  u64 put(const void* from, u64 bytes);
  u64 get(void* to, u64 bytes);
  u64 put_object(Handle object, u64 offset, u64 bytes);
  u64 get_object(Handle object, u64 offset, u64 bytes);
  u64 put_zeros(u64 bytes);

 private:
  template <typename Move>
  u64 each(u64 bytes, Move&& move);

  UserMemory* user_;  // null: this server's memory
  linux_abi::IoVector single_{};
  const linux_abi::IoVector* pieces_;
  u64 count_;
  u64 at_ = 0;  // in the first piece
  u64 left_ = 0;
  bool failed_ = false;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_TRANSFER_H_
