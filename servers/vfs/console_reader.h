// Reads of /dev/console: bytes taken from the console server in advance, and
// the tasks that wait for more, first come first served.
#ifndef SERVERS_VFS_CONSOLE_READER_H_
#define SERVERS_VFS_CONSOLE_READER_H_

#include "servers/vfs/task_files.h"
#include "servers/vfs/user_memory.h"

namespace tine::vfs {

class ConsoleReader {
 public:
  // Bytes read, 0 at the end of input, -EAGAIN if there is none yet, -EFAULT.
  i64 read(UserMemory& user, u64 address, u64 bytes);
  // Has `task` wait; its answer is withheld.
  void wait(Task& task, const ConsoleWait& wait);
  // The task is gone, or does something else by now.
  void forget(Task& task);
  // There may be input: answers who can be answered.
  void wake();

 private:
  // Whether there are bytes: 1, or 0 or -EAGAIN as above.
  i64 fill();

  static constexpr u64 kRoom = 4096;
  u64 begin_ = 0;
  u64 end_ = 0;
  u8 input_[kRoom];
  Task* first_ = nullptr;
  Task* last_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_CONSOLE_READER_H_
