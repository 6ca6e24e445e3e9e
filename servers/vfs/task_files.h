// What the vfs server keeps for each task, found by the task's cookie.
//
// The process server's records about tasks cannot fail, so all that they need
// is taken at the start: as many tables and contexts as there can be tasks.
#ifndef SERVERS_VFS_TASK_FILES_H_
#define SERVERS_VFS_TASK_FILES_H_

#include "servers/linux_abi/mqueue.h"
#include "servers/vfs/fd_table.h"
#include "servers/vfs/wait/waiting.h"

namespace tine::vfs {

struct FsContext {
  u32 holders = 0;  // tasks: several by CLONE_FS
  u32 umask = 022;
  Entry* directory = nullptr;  // counted, as all entries below
  Entry* root = nullptr;
  FsContext* next_free = nullptr;
};

struct Task {
  u64 cookie = 0;  // 0: no task
  FdTable* table = nullptr;
  FsContext* context = nullptr;
  u64 limit = kDefaultFds;   // RLIMIT_NOFILE: above it no descriptor is made
  u64 file_limit = ~u64{0};  // RLIMIT_FSIZE
  u64 queue_limit = linux_abi::kMqUsualLimit;  // RLIMIT_MSGQUEUE
  Entry* program = nullptr;                    // what it runs: /proc/self/exe
  // The program of an exec that may still fail, and of which task.
  Entry* next_program = nullptr;
  u64 next_cookie = 0;
  Waiting wait;
};

class TaskFiles {
 public:
  TaskFiles(Heap& heap, FdStore& store, FileLocks& locks, u32 limit);

  Task* find(u64 cookie);
  // The record that this task has or would have; null: beyond the limit.
  Task* slot(u64 cookie);

  // Ring records. None fails.
  Task* add(u64 cookie, Entry& directory, FdStore::Block* first_files);
  Task* duplicate(u64 parent, u64 child, bool share_files, bool share_context);
  void exec(Task& task);
  // What a task runs from its start on, without an exec.
  void start_with(Task& task, Entry& program) { set_program(task, &program); }
  void drop(Task& task);
  // A task that came and went without a trace.
  void count_unmade() { ++ever_; }

  // Leaves a table shared by CLONE_FILES for a copy of its own.
  void unshare_table(Task& task);
  // The same of a context shared by CLONE_FS.
  void unshare_context(Task& task);
  u64 live() const { return live_; }
  u64 open_files() const { return store_.open_files(); }
  // Tasks that there ever were.
  u64 ever() const { return ever_; }
  // All records, for the invariant checker.
  const Task* begin() const { return tasks_; }
  const Task* end() const { return tasks_ + limit_; }

 private:
  FdTable* take_table();
  FsContext* take_context();
  void release_table(FdTable* table);
  void release_context(FsContext* context);
  static void set_program(Task& task, Entry* program);

  FdStore& store_;
  FileLocks& locks_;
  Task* tasks_;
  u32 limit_;
  u64 live_ = 0;
  u64 ever_ = 0;
  FdTable* free_tables_ = nullptr;
  FsContext* free_contexts_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TASK_FILES_H_
