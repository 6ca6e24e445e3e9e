#include "servers/vfs/task_files.h"

#include "servers/runtime/sys.h"
#include "servers/vfs/inotify/watchers.h"

namespace tine::vfs {

TaskFiles::TaskFiles(Heap& heap, FdStore& store, FileLocks& locks, u32 limit)
    : store_(store),
      locks_(locks),
      tasks_(heap.take_array<Task>(limit)),
      limit_(limit) {
  FdTable* tables = heap.take_array<FdTable>(limit);
  FsContext* contexts = heap.take_array<FsContext>(limit);
  if (tasks_ == nullptr || tables == nullptr || contexts == nullptr) {
    sys::fail("vfs: no memory for tasks; give the machine more");
  }
  for (u32 i = 0; i < limit; ++i) {
    tables[i].next_free = free_tables_;
    free_tables_ = &tables[i];
    contexts[i].next_free = free_contexts_;
    free_contexts_ = &contexts[i];
  }
}

Task* TaskFiles::slot(u64 cookie) {
  u32 index = static_cast<u32>(cookie);
  return index < limit_ ? &tasks_[index] : nullptr;
}

Task* TaskFiles::find(u64 cookie) {
  Task* task = slot(cookie);
  return task != nullptr && task->cookie == cookie && cookie != 0 ? task
                                                                  : nullptr;
}

// Each task holds one table and one context, so there is one left for a task
// that has none yet.
FdTable* TaskFiles::take_table() {
  FdTable* table = free_tables_;
  free_tables_ = table->next_free;
  table->next_free = nullptr;
  table->holders = 1;
  return table;
}

FsContext* TaskFiles::take_context() {
  FsContext* context = free_contexts_;
  free_contexts_ = context->next_free;
  *context = FsContext{};
  context->holders = 1;
  return context;
}

void TaskFiles::release_table(FdTable* table) {
  if (--table->holders != 0) return;
  locks_.forget(table);
  table->clear(store_);
  table->next_free = free_tables_;
  free_tables_ = table;
}

void TaskFiles::release_context(FsContext* context) {
  if (--context->holders != 0) return;
  refer(context->directory, nullptr);
  refer(context->root, nullptr);
  context->next_free = free_contexts_;
  free_contexts_ = context;
}

// What runs cannot be written meanwhile.
void TaskFiles::set_program(Task& task, Entry* program) {
  if (program != nullptr) ++program->inode->runs;
  if (task.program != nullptr && --task.program->inode->runs == 0) {
    tell_watchers(task.program, *task.program->inode,
                  linux_abi::kInCloseNoWrite);
  }
  refer(task.program, program);
}

Task* TaskFiles::add(u64 cookie, Entry& directory,
                     FdStore::Block* first_files) {
  Task* task = slot(cookie);
  if (task == nullptr || cookie == 0) return nullptr;
  if (task->cookie != 0) drop(*task);
  task->cookie = cookie;
  task->table = take_table();
  task->table->start_with(store_, first_files);
  task->context = take_context();
  refer(task->context->directory, &directory);
  refer(task->context->root, &directory);
  exec(*task);
  ++live_;
  ++ever_;
  return task;
}

Task* TaskFiles::duplicate(u64 parent, u64 child, bool share_files,
                           bool share_context) {
  Task* from = find(parent);
  Task* to = slot(child);
  if (from == nullptr || to == nullptr || to == from || child == 0) {
    return nullptr;
  }
  if (to->cookie != 0) drop(*to);
  to->cookie = child;
  if (share_files) {
    to->table = from->table;
    ++to->table->holders;
  } else {
    to->table = take_table();
    from->table->share_with(store_, *to->table);
  }
  if (share_context) {
    to->context = from->context;
    ++to->context->holders;
  } else {
    to->context = take_context();
    refer(to->context->directory, from->context->directory);
    refer(to->context->root, from->context->root);
    to->context->umask = from->context->umask;
  }
  set_program(*to, from->program);
  to->limit = from->limit;
  to->file_limit = from->file_limit;
  to->queue_limit = from->queue_limit;
  ++live_;
  ++ever_;
  return to;
}

void TaskFiles::exec(Task& task) {
  if (task.next_cookie == task.cookie) set_program(task, task.next_program);
  refer(task.next_program, nullptr);
  task.next_cookie = 0;
  unshare_table(task);
  FdTable& table = *task.table;
  for (u32 fd = 0; locks_.live() != 0 && fd < table.capacity(); ++fd) {
    const OpenFile* file = table.get(fd);
    if (file != nullptr && table.close_on_exec(fd)) {
      locks_.forget(&table, file->inode());
    }
  }
  // What was asked for is not the new program's to hear of.
  if (locks_.live() != 0) locks_.forget(&table, LockKind::kNotice);
  table.exec(store_);
}

void TaskFiles::unshare_table(Task& task) {
  if (task.table->holders == 1) return;
  FdTable* own = take_table();
  task.table->share_with(store_, *own);
  release_table(task.table);
  task.table = own;
}

void TaskFiles::unshare_context(Task& task) {
  FsContext& shared = *task.context;
  if (shared.holders == 1) return;
  FsContext* own = take_context();
  refer(own->directory, shared.directory);
  refer(own->root, shared.root);
  own->umask = shared.umask;
  --shared.holders;
  task.context = own;
}

void TaskFiles::drop(Task& task) {
  release_table(task.table);
  release_context(task.context);
  set_program(task, nullptr);
  refer(task.next_program, nullptr);
  task = Task{};
  --live_;
}

}  // namespace tine::vfs
