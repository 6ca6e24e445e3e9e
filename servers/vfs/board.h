// What the process server says of a task on the task board.
#ifndef SERVERS_VFS_BOARD_H_
#define SERVERS_VFS_BOARD_H_

#include "servers/protocol/task_board.h"
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

// The process of a task, 0 if nothing is known.
inline i32 process_of(u64 cookie) {
  const BoardRecord* record = board_of(cookie);
  return record == nullptr ? 0 : record->tgid;
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_BOARD_H_
