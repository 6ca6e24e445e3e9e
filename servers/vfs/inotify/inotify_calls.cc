// inotify_init1, inotify_add_watch, inotify_rm_watch.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// Null: `error` is EBADF or EINVAL.
InotifyFile* inotify_of(OpenFile* file, i64& error) {
  error = file == nullptr ? -EBADF : -EINVAL;
  return file != nullptr && file->operations->kind() == FileKind::kInotify
             ? static_cast<InotifyFile*>(file->operations)
             : nullptr;
}

}  // namespace

i64 VfsServer::sys_inotify_init(Call& call, u32 flags) {
  if ((flags & ~(kOpenCloseOnExec | kOpenNonBlock)) != 0) return -EINVAL;
  if (inotifies_.count_of(credentials(call.task).uid) >= kInotifyMostInstances)
    return -EMFILE;
  InotifyFile* made = inotifies_.files.make(inotifies_);
  if (made == nullptr) return -ENOMEM;
  name_nameless(call, made->node, 0600);
  OpenFile* file = store_.make_file(*made, made->node, nullptr,
                                    kOpenReadOnly | (flags & kOpenNonBlock));
  if (file == nullptr) {
    made->give_back();
    return -ENFILE;
  }
  const i64 fd = add_descriptor(call, *file, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*file);
  return fd;
}

i64 VfsServer::sys_inotify_add_watch(Call& call) {
  const u32 mask = call.as_u32(2);
  if ((mask & ~kInTaken) != 0 || mask == 0) return -EINVAL;
  i64 error;
  OpenFile* open = file(call, call[0]);
  InotifyFile* const notify = inotify_of(open, error);
  if (open != nullptr && (mask & kInMaskAdd) != 0 &&
      (mask & kInMaskCreate) != 0) {
    return -EINVAL;
  }
  if (notify == nullptr) return error;
  const Credentials who = credentials(call.task);
  const u32 how = (mask & kInDontFollow) != 0 ? kAtSymlinkNoFollow : 0;
  EntryRef entry;
  if (error = find_entry(call, who, kAtFdCwd, call[1], how, entry); error != 0)
    return error;
  Inode& inode = *entry->inode;
  if ((mask & kInOnlyDirectory) != 0 && !inode.is_directory()) return -ENOTDIR;
  if (error = check_rights(who, inode, kAccessRead); error != 0) return error;
  const u32 kept = mask & (kInAllEvents | kInExcludeUnlinked | kInOneShot);
  if (InotifyWatch* watch = notify->find(inode); watch != nullptr) {
    if ((mask & kInMaskCreate) != 0) return -EEXIST;
    watch->mask = (mask & kInMaskAdd) != 0 ? watch->mask | kept : kept;
    return watch->number;
  }
  return notify->add(inode, inode.maker != nullptr ? entry.get() : nullptr,
                     kept);
}

i64 VfsServer::sys_inotify_rm_watch(Call& call) {
  i64 error;
  InotifyFile* const notify = inotify_of(file(call, call[0]), error);
  if (notify == nullptr) return error;
  InotifyWatch* const watch = notify->find(call.as_int(1));
  if (watch == nullptr) return -EINVAL;
  notify->end(*watch);
  return 0;
}

}  // namespace tine::vfs
