// Tasks as the task board has them.
//
// While this server runs the process server does not, so no record is being
// written and pointers to records stay good within a call.
#ifndef SERVERS_VFS_PROC_TASKS_VIEW_H_
#define SERVERS_VFS_PROC_TASKS_VIEW_H_

#include "servers/protocol/task_board.h"

namespace tine::vfs {

// Null: there is no such task.
const BoardRecord* record_of(u64 cookie);
const BoardRecord* record_of_tid(i32 tid);
// Whether a process is in that group.
bool has_group(i32 group);
// The process (thread of the process `tgid`, unless that is 0) with the least
// id from `from` on.
const BoardRecord* next_process(i32 from);
const BoardRecord* next_thread(i32 tgid, i32 from);
inline bool is_leader(const BoardRecord& record) {
  return record.tid == record.tgid;
}

struct TaskCounts {
  u64 all = 0;      // threads
  u64 running = 0;  // of these, those that could go on
  i32 last = 0;     // the greatest id
};
TaskCounts count_tasks();

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_TASKS_VIEW_H_
