// Writes upwards into the new program's memory, a buffer at a time.
#ifndef SERVERS_PROCESS_EXEC_SPACE_WRITER_H_
#define SERVERS_PROCESS_EXEC_SPACE_WRITER_H_

#include "servers/process/user_memory.h"

namespace tine::process {

class SpaceWriter {
 public:
  explicit SpaceWriter(UserMemory& memory) : memory_(memory) {}

  // What was not flushed is forgotten.
  void begin(const Mm& mm, u64 address) {
    mm_ = &mm;
    address_ = address;
    used_ = 0;
  }
  // 0 or -ENOMEM.
  i64 write(const void* from, u64 bytes);
  i64 write_word(u64 word) { return write(&word, sizeof(word)); }
  i64 flush();
  // Where the next byte goes.
  u64 position() const { return address_ + used_; }

 private:
  UserMemory& memory_;
  const Mm* mm_ = nullptr;
  u64 address_ = 0;  // of buffer_[0]
  u64 used_ = 0;
  u8 buffer_[1024];
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_SPACE_WRITER_H_
