#include "servers/process/exec/space_writer.h"

#include "servers/linux_abi/errno.h"

namespace tine::process {

i64 SpaceWriter::flush() {
  if (used_ == 0) return 0;
  const i64 error = memory_.write(*mm_, address_, buffer_, used_);
  address_ += used_;
  used_ = 0;
  return error == 0 ? 0 : -linux_abi::ENOMEM;
}

i64 SpaceWriter::write(const void* from, u64 bytes) {
  const u8* in = static_cast<const u8*>(from);
  while (bytes != 0) {
    if (used_ == sizeof(buffer_)) {
      if (const i64 error = flush(); error != 0) return error;
    }
    const u64 room = sizeof(buffer_) - used_;
    const u64 count = bytes < room ? bytes : room;
    __builtin_memcpy(buffer_ + used_, in, count);
    used_ += count;
    in += count;
    bytes -= count;
  }
  return 0;
}

}  // namespace tine::process
