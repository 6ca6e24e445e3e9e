// A program file, opened by the vfs server and read through the object that it
// gives.
#ifndef SERVERS_PROCESS_EXEC_PROGRAM_FILE_H_
#define SERVERS_PROCESS_EXEC_PROGRAM_FILE_H_

#include "servers/process/task.h"

namespace tine::process {

// Slots of the handle table that are always the same.
inline constexpr Handle kProgramHandle = 41;
inline constexpr Handle kInterpreterHandle = 42;

// Results are 0 or a negated errno.
class ProgramFile {
 public:
  // `handle` is the slot for its object.
  explicit ProgramFile(Handle handle) : handle_(handle) {}

  // By a path as `task` sees it. It names the descriptor `fd` (-1: none), which
  // must be open; `flags`: AT_SYMLINK_NOFOLLOW or 0.
  i64 open(const Task& task, const char* path, i32 fd = -1, u32 flags = 0);
  i64 read(u64 offset, void* to, u64 bytes) const;
  // Reads no more. The vfs server still counts the file as running.
  void close();
  // That, too, is over.
  static void forget(u64 file);

  u64 id() const { return file_; }
  ObjectId object() const { return object_; }
  u64 bytes() const { return bytes_; }
  // Of the file: who owns it, and its mode with the set-user-ID bits.
  u32 mode() const { return mode_; }
  u32 user() const { return user_; }
  u32 group() const { return group_; }
  // Whether the path leads nowhere once the exec is done.
  bool is_inaccessible() const { return is_inaccessible_; }

 private:
  Handle handle_;
  ObjectId object_ = 0;
  u64 bytes_ = 0;
  u64 file_ = 0;  // the vfs server's id
  u32 mode_ = 0;
  u32 user_ = 0;
  u32 group_ = 0;
  bool is_inaccessible_ = false;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_PROGRAM_FILE_H_
