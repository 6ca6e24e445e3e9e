// What terminals have to know about processes, from the task board.
#ifndef SERVERS_VFS_TTY_TASK_BOARD_VIEW_H_
#define SERVERS_VFS_TTY_TASK_BOARD_VIEW_H_

#include "servers/protocol/task_board.h"

namespace tine::vfs::tty {

// Who makes a call.
struct Caller {
  i32 pid = 0;
  i32 group = 0;
  i32 session = 0;
  u32 uid = 0;  // for files
  bool leads_session = false;
  bool is_super = false;
  u64 deaf = 0;  // signals blocked or ignored: bit n - 1 is signal n

  bool is_deaf_to(i32 signal) const { return (deaf >> (signal - 1) & 1) != 0; }
};

class TaskBoardView {
 public:
  TaskBoardView(u64 address, u32 records)
      : records_(reinterpret_cast<const BoardRecord*>(address)),
        count_(address == 0 ? 0 : records) {}

  Caller caller(u64 cookie) const;
  // The session of a process group, or of a process; 0: there is none.
  i32 session_of_group(i32 group) const;
  // Whether no process of the group has a parent in another group of the same
  // session: nobody would ever continue it, so it must not be stopped.
  bool is_orphaned(i32 group) const;
  // The task that leads the session; 0: none.
  u64 leader_of_session(i32 session) const;

 private:
  template <typename Match>
  const BoardRecord* find(Match match) const;

  const BoardRecord* records_;
  u32 count_;
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_TASK_BOARD_VIEW_H_
