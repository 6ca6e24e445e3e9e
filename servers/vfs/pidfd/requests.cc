// What the process server asks about descriptors that name processes.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// The lowest free descriptor.
i64 VfsServer::put_file(Task& task, OpenFile& file, bool close_on_exec) {
  FdTable& table = *task.table;
  const u32 fd = table.find_free(0);
  if (fd >= task.limit || fd == kMaxFds) return -EMFILE;
  if (!table.own(store_, fd + 1)) return -ENOMEM;
  table.set(store_, fd, &file, close_on_exec);
  return fd;
}

Outcome VfsServer::pidfd_open(const sys::Message& in, bool is_clone) {
  Task* task = tasks_.find(in.words[0]);
  if (task == nullptr) return answer_words(in.token, -ESRCH);
  PidFd* made;
  OpenFile* file = pidfds_.make(
      {.pid = static_cast<i32>(in.words[1]), .serial = in.words[2]},
      in.words[3], static_cast<u32>(in.words[4]), &made);
  if (file == nullptr) return answer_words(in.token, -ENFILE);
  name_nameless(*task, made->node, 0600);
  const i64 fd = is_clone ? pidfds_.reserve(*task->table, task->limit, *file)
                          : put_file(*task, *file);
  if (fd < 0) discard(*file);
  return answer_words(in.token, fd);
}

Outcome VfsServer::pidfd_find(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  OpenFile* file = task == nullptr || in.words[1] > kMaxFds
                       ? nullptr
                       : task->table->get(static_cast<u32>(in.words[1]));
  if (file == nullptr || file->is_path_only()) {
    return answer_words(in.token, -EBADF);
  }
  const PidFd* one = pidfd_of(file);
  if (one == nullptr) {
    const i32 pid = in.words[2] != 0 ? proc_.process_of(file->inode()) : -1;
    return pid < 0 ? answer_words(in.token, -EINVAL)
                   : answer_words(in.token, 0, static_cast<u64>(pid), 0,
                                  file->flags);
  }
  return answer_words(in.token, 0, static_cast<u64>(one->process().pid),
                      one->process().serial, file->flags);
}

Outcome VfsServer::take_file(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  Task* owner = tasks_.find(in.words[1]);
  if (task == nullptr) return answer_words(in.token, -ESRCH);
  OpenFile* file = owner == nullptr || in.words[2] > kMaxFds
                       ? nullptr
                       : owner->table->get(static_cast<u32>(in.words[2]));
  if (file == nullptr) return answer_words(in.token, -EBADF);
  return answer_words(in.token, put_file(*task, *file));
}

}  // namespace tine::vfs
