// Open files that no path leads to, each an object with an inode of its own:
// event counters, timers, sets of files, watches, processes.
#ifndef SERVERS_VFS_OPEN_ANONYMOUS_FILE_H_
#define SERVERS_VFS_OPEN_ANONYMOUS_FILE_H_

#include "servers/vfs/open/file_operations.h"

namespace tine::vfs {

class AnonymousFile : public FileOperations {
 public:
  // There is no position, and it is 0.
  i64 seek(OpenFile&, i64, i32) override { return 0; }
  u64 describe(const OpenFile&, char* text, u64 room) const final {
    return describe_plainly(name_, text, room);
  }

  Inode node;

 protected:
  // `name`: what /proc/PID/fd says.
  explicit AnonymousFile(const char* name) : name_(name) {}
  ~AnonymousFile() = default;

 private:
  const char* const name_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_ANONYMOUS_FILE_H_
