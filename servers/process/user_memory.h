// Copies to and from the memory of programs. A page that is not there yet is
// made so by the memory server, then the copy goes on.
#ifndef SERVERS_PROCESS_USER_MEMORY_H_
#define SERVERS_PROCESS_USER_MEMORY_H_

#include "kernel/abi/message.h"
#include "servers/process/process.h"
#include "servers/runtime/sys.h"

namespace tine::process {

class UserMemory {
 public:
  // 0 or -EFAULT.
  i64 read(const Mm& mm, u64 from, void* to, u64 bytes);
  // 0, -EFAULT or -ENOMEM: there is no frame for the page.
  i64 write(const Mm& mm, u64 to, const void* from, u64 bytes);
  // Makes one page be there. 0 or a negated errno.
  i64 prefault(MmId mm, u64 address, Access access);

  template <typename T>
  i64 read(const Mm& mm, u64 from, T& value) {
    if constexpr (sys::Peekable<T>) {
      const Status status = sys::peek(mm.space, from, value);
      if (status == Status::kOk) [[likely]]
        return 0;
      return read_after(mm, from, &value, sizeof(T), status);
    }
    return read(mm, from, &value, sizeof(T));
  }
  template <typename T>
  i64 write(const Mm& mm, u64 to, const T& value) {
    if constexpr (sys::Peekable<T>) {
      const Status status = sys::poke(mm.space, to, value);
      if (status == Status::kOk) [[likely]]
        return 0;
      return write_after(mm, to, &value, sizeof(T), status);
    }
    return write(mm, to, &value, sizeof(T));
  }

  // Whether a page was missing for want of frames since begin_call().
  bool is_short() const { return is_short_; }
  void begin_call() { is_short_ = false; }
  // The memory server said so of another copy.
  void note_short() { is_short_ = true; }

 private:
  // As read() and write(), after a first attempt that came to `status`.
  i64 read_after(const Mm& mm, u64 from, void* to, u64 bytes, Status status);
  i64 write_after(const Mm& mm, u64 to, const void* from, u64 bytes,
                  Status status);

  bool is_short_ = false;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_USER_MEMORY_H_
