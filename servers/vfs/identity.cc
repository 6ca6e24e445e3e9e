// Numbers that tell whether two tasks use the same object (kcmp): where it lies
// in this server's memory.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/event/epoll_file.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// kcmp_epoll_target(): of files that the set watches by the same number the one
// that has `skip` before it. 0 or a negated errno.
i64 find_watched(const OpenFile* set, u32 fd, u32 skip, const OpenFile** file) {
  EpollFile* const epoll = EpollFile::of(set);
  if (epoll == nullptr) return -EINVAL;
  for (EpollInterest* i = epoll->first(); i != nullptr; i = i->next) {
    if (i->fd != fd || skip-- != 0) continue;
    *file = i->file;
    return 0;
  }
  return -ENOENT;
}

}  // namespace

Outcome VfsServer::identity(const sys::Message& in) {
  const Task* task = tasks_.find(in.words[0]);
  const auto what = static_cast<VfsIdentity>(in.words[1]);
  const bool is_of_file =
      what == VfsIdentity::kFile || what == VfsIdentity::kWatchedFile;
  const void* object = nullptr;
  if (is_of_file) {
    const OpenFile* file =
        task == nullptr || in.words[2] > kMaxFds
            ? nullptr
            : task->table->get(static_cast<u32>(in.words[2]));
    if (file == nullptr) return answer_words(in.token, -EBADF);
    if (what == VfsIdentity::kWatchedFile) {
      const i64 error = find_watched(file, static_cast<u32>(in.words[3]),
                                     static_cast<u32>(in.words[4]), &file);
      if (error != 0) return answer_words(in.token, error);
    }
    object = file;
  } else if (task != nullptr) {
    object = what == VfsIdentity::kContext
                 ? static_cast<const void*>(task->context)
                 : task->table;
  }
  return answer_words(in.token, 0, reinterpret_cast<u64>(object));
}

}  // namespace tine::vfs
