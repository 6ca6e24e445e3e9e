// What a kind of file does that says nothing else.
#include "servers/vfs/open/file_operations.h"

#include "servers/linux_abi/errno.h"

namespace tine::vfs {

using namespace linux_abi;

i64 FileOperations::read(Call&, OpenFile&, Transfer&, u64&) { return -EINVAL; }

i64 FileOperations::write(Call&, OpenFile&, Transfer&, u64&) { return -EINVAL; }

i64 FileOperations::opened(Call&, OpenFile&, u32) { return 0; }

u32 FileOperations::poll(OpenFile&) {
  return kPollIn | kPollOut | kPollReadNormal | kPollWriteNormal;
}

WaitQueue* FileOperations::wait_queue(OpenFile&, bool) { return nullptr; }

i64 FileOperations::ioctl(Call&, OpenFile&, u32, u64) { return -ENOTTY; }

i64 FileOperations::seek(OpenFile&, i64, i32) { return -ESPIPE; }

void FileOperations::release(OpenFile&) {}

u64 FileOperations::describe(const OpenFile&, char*, u64) const { return 0; }

i64 moved(const Transfer& transfer, u64 bytes) {
  return bytes == 0 && transfer.has_failed() ? -EFAULT
                                             : static_cast<i64>(bytes);
}

// May the file be used so? 0 or a negated errno.
i64 check_access(const OpenFile* file, bool writes) {
  if (file == nullptr) return -EBADF;
  return (writes ? file->can_write() : file->can_read()) ? 0 : -EBADF;
}

i64 check_positioned(const OpenFile* file, bool writes, i64 offset) {
  if (offset < 0) return -EINVAL;
  if (file == nullptr || file->is_path_only()) return -EBADF;
  if (!file->operations->has_positions()) return -ESPIPE;
  return check_access(file, writes);
}

u64 describe_plainly(const char* what, char* text, u64 room) {
  u64 length = 0;
  for (; what[length] != '\0' && length < room; ++length) {
    text[length] = what[length];
  }
  return length;
}

u64 describe_by_number(const char* prefix, u64 number, char* text, u64 room) {
  char digits[20];
  u64 count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
  } while ((number /= 10) != 0);
  u64 length = 0;
  const auto put = [&](char c) {
    if (length < room) text[length++] = c;
  };
  while (*prefix != '\0') put(*prefix++);
  put(':');
  put('[');
  while (count != 0) put(digits[--count]);
  put(']');
  return length;
}

}  // namespace tine::vfs
