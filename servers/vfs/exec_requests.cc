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
  Entry& root = task == nullptr ? files_.root() : *task->context->root;
  Entry& start = task == nullptr ? root : *task->context->directory;
  const Credentials who = task == nullptr ? Credentials{} : credentials(*task);
  Found found;
  const Text path{path_, count};
  const u32 fd = static_cast<u32>(in.words[4]) - 1;
  const bool has_fd = in.words[4] != 0 && task != nullptr;
  if (has_fd && task->table->get(fd) == nullptr) {
    return answer_words(in.token, -EBADF);
  }
  const bool is_inaccessible = has_fd && task->table->close_on_exec(fd);
  const bool follows = (in.words[5] & kAtSymlinkNoFollow) == 0;
  const i64 error = walk_.walk(files_, who, root, start, path,
                               follows ? Follow::kYes : Follow::kNo, found);
  if (error != 0) return answer_words(in.token, error);
  if (found.file != nullptr) return answer_words(in.token, -EACCES);
  if (found.entry == nullptr) return answer_words(in.token, -ENOENT);
  Inode& inode = *found.entry->inode;
  if (inode.is_symlink()) return answer_words(in.token, -ELOOP);
  if (!inode.is_regular() || inode.maker != nullptr ||
      check_rights(who, inode, kAccessExecute) != 0) {
    return answer_words(in.token, -EACCES);
  }
  if (inode.writers != 0) return answer_words(in.token, -ETXTBSY);
  if (inode.bytes == 0) return answer_words(in.token, -ENOEXEC);
  if (i64 failed = files_.contents().publish(inode); failed != 0) {
    return answer_words(in.token, failed);
  }
  if (Task* slot = tasks_.slot(cookie); slot != nullptr) {
    refer(slot->next_program, found.entry.get());
    slot->next_cookie = cookie;
  }
  tell_watchers(found.entry.get(), inode, kInOpen);
  tell_watchers(found.entry.get(), inode, kInAccess);
  // The first program is not exec'ed: its task runs it from the start.
  if (task != nullptr && task->program == nullptr) {
    tasks_.start_with(*task, *found.entry);
  }
  sys::Batch batch;
  batch.add(OpCode::kHandleGive, inode.object, in.token, in.words[3]);
  committing_token_ = in.token;
  Outcome outcome =
      answer_words(in.token, 0, inode.object_id, inode.bytes, inode.mode,
                   inode.number, inode.uid, inode.gid, is_inaccessible);
  outcome.kind = Outcome::Kind::kCommit;
  return outcome;
}

Outcome VfsServer::commit_failed(const sys::BatchResult& result) {
  return answer_words(committing_token_,
                      result.status == Status::kNoMemory ? -ENOMEM : -EINVAL);
}

Outcome VfsServer::exec_path(const sys::Message& in) {
  // Of the exec that goes on, or that of the program that runs.
  const Task* slot = tasks_.slot(in.words[0]);
  const Entry* entry = nullptr;
  if (slot != nullptr && slot->next_cookie == in.words[0]) {
    entry = slot->next_program;
  } else if (slot != nullptr && slot->cookie == in.words[0]) {
    entry = slot->program;
  }
  if (entry == nullptr) return answer_words(in.token, -EINVAL);
  const u64 count = FileSystem::path_of(*entry, files_.root(), path_, kPathMax);
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
