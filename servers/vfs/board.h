// What the process server says of a task on the task board.
#ifndef SERVERS_VFS_BOARD_H_
#define SERVERS_VFS_BOARD_H_

#include "servers/protocol/pid_numbers.h"
#include "servers/runtime/sys.h"

namespace tine::vfs {

// Null: there is nothing about that task.
inline const BoardRecord* board_of(u64 cookie) {
  const ServerConfig& config = sys::config();
  const u32 index = static_cast<u32>(cookie);
  if (config.board == 0 || index >= config.board_records) return nullptr;
  const auto* record =
      reinterpret_cast<const BoardRecord*>(config.board) + index;
  return record->cookie == cookie ? record : nullptr;
}

// The number of a pid, of which 0 is none, in the pid namespace of a task; 0:
// it is not visible there.
inline i32 seen_by(u64 cookie, i32 pid) {
  const BoardRecord* record = board_of(cookie);
  if (record == nullptr || record->pid_space == 0) return pid;
  const ServerConfig& config = sys::config();
  return number_of_pid(pid_numbers_of(config.board, config.board_records),
                       record->pid_space, pid);
}
// The pid of such a number; 0: none.
inline i32 pid_named_by(u64 cookie, i32 number) {
  const BoardRecord* record = board_of(cookie);
  if (record == nullptr || record->pid_space == 0) return number;
  const ServerConfig& config = sys::config();
  return pid_of_number(pid_numbers_of(config.board, config.board_records),
                       record->pid_space, number);
}

// The process of a task, 0 if nothing is known.
inline i32 process_of(u64 cookie) {
  const BoardRecord* record = board_of(cookie);
  return record == nullptr ? 0 : record->tgid;
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_BOARD_H_
