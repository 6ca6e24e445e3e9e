// Memory of the caller whose request is being carried out: a managed thread's,
// or a server's.
#ifndef SERVERS_VFS_USER_MEMORY_H_
#define SERVERS_VFS_USER_MEMORY_H_

#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "servers/runtime/sys.h"

namespace tine::vfs {

class UserMemory {
 public:
  // `badge` is that of the thread's space; 0 for a server, which never faults.
  UserMemory(u64 token, u64 badge)
      : end_(sys::end_of_token(token)), badge_(badge) {}

  // Copies; the bytes done. Pages that are not there are asked of the memory
  // server; what is not done has no page.
  u64 in(u64 from, void* to, u64 bytes);
  u64 out(u64 to, const void* from, u64 bytes);
  u64 out_of_object(u64 to, Handle object, u64 offset, u64 bytes);
  u64 in_to_object(Handle object, u64 offset, u64 from, u64 bytes);
  // The thread was killed: nobody awaits the answer.
  bool is_gone() const { return gone_; }
  // A page of the caller's could not be made for want of frames.
  bool is_short_of_memory() const { return short_of_memory_; }
  // No frame was left for a page of the object that bytes went to.
  bool is_object_full() const { return object_full_; }

  template <typename T>
  bool get(u64 from, T& value) {
    if constexpr (sys::Peekable<T>) {
      if (sys::peek(end_, from, value) == Status::kOk) [[likely]]
        return true;
    }
    return in(from, &value, sizeof(T)) == sizeof(T);
  }
  template <typename T>
  i64 put(u64 to, const T& value) {
    if constexpr (sys::Peekable<T>) {
      if (sys::poke(end_, to, value) == Status::kOk) [[likely]]
        return 0;
    }
    return put_bytes(to, &value, sizeof(T));
  }
  // All of them: 0 or -EFAULT.
  i64 put_bytes(u64 to, const void* from, u64 bytes);
  // A NUL-terminated path into `to`, of kPathMax bytes: its length, or a
  // negated errno.
  i64 path(u64 from, char* to);

  // Whether the range could be user memory at all (access_ok of Linux).
  static bool is_plausible(u64 address, u64 bytes);

 private:
  u64 copy(u64 to_end, u64 to, u64 from_end, u64 from, u64 bytes,
           Access access);

  u64 end_;
  u64 badge_;
  bool gone_ = false;
  bool short_of_memory_ = false;
  bool object_full_ = false;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_USER_MEMORY_H_
