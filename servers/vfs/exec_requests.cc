// What the process server asks for exec.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

Outcome VfsServer::exec_open(const sys::Message& in) {
  const u64 cookie = in.words[0];
  const u64 count = in.words[2];
  if (count >= kPathMax) return answer_words(in.token, -ENAMETOOLONG);
  UserMemory user(in.token, 0);
  if (user.in(in.words[1], path_, count) != count) {
    return answer_words(in.token, -EFAULT);
  }
  Task* task = tasks_.find(cookie);
  Entry& start = task == nullptr ? files_.root() : *task->context->directory;
  Found found;
  const Text path{path_, count};
  i64 error = 0;
  if (path.is("/proc/self/exe") && task != nullptr &&
      task->program != nullptr) {
    found.entry = task->program;
  } else {
    error = walk_.walk(files_, start, path, true, found);
  }
  if (error != 0) return answer_words(in.token, error);
  if (found.entry == nullptr) return answer_words(in.token, -ENOENT);
  const Inode& inode = *found.entry->inode;
  if (!inode.is_regular() || (inode.mode & 0111) == 0) {
    return answer_words(in.token, -EACCES);
  }
  if (inode.object == kNoHandle) return answer_words(in.token, -ENOEXEC);
  if (Task* slot = tasks_.slot(cookie); slot != nullptr) {
    slot->next_program = found.entry;
    slot->next_cookie = cookie;
  }
  // The first program is not exec'ed: its task runs it from the start.
  if (task != nullptr && task->program == nullptr) {
    task->program = found.entry;
  }
  sys::Batch batch;
  batch.add(OpCode::kHandleGive, inode.object, in.token, in.words[3]);
  committing_token_ = in.token;
  Outcome outcome = answer_words(in.token, 0, inode.object_id, inode.bytes,
                                 inode.mode, found.entry->id);
  outcome.kind = Outcome::Kind::kCommit;
  return outcome;
}

Outcome VfsServer::commit_failed(const sys::BatchResult& result) {
  return answer_words(committing_token_,
                      result.status == Status::kNoMemory ? -ENOMEM : -EINVAL);
}

Outcome VfsServer::exec_path(const sys::Message& in) {
  Entry* entry = files_.at(in.words[3]);
  if (entry == nullptr) return answer_words(in.token, -EINVAL);
  const u64 count = files_.path_of(*entry, path_, kPathMax);
  if (count == 0 || count > in.words[2]) {
    return answer_words(in.token, -ENAMETOOLONG);
  }
  UserMemory user(in.token, 0);
  if (user.out(in.words[1], path_, count) != count) {
    return answer_words(in.token, -EFAULT);
  }
  return answer_words(in.token, 0, count);
}

}  // namespace tine::vfs
