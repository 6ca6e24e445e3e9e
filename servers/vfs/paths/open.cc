// open and close.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/devices.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kCloseRangeUnshare = 2;
constexpr u32 kCloseRangeCloseOnExec = 4;
// What F_GETFL does not tell.
constexpr u32 kOnlyAtOpen = kOpenCreate | kOpenExclusive | kOpenNoCtty |
                            kOpenTruncate | kOpenCloseOnExec;
constexpr u32 kTmpFile = kOpenTmpFile & ~kOpenDirectory;
}  // namespace

// may_open(): in its order.
i64 VfsServer::check_open(const Credentials& who, const Inode& inode,
                          u32 flags) {
  const u32 access = flags & kOpenAccessMode;
  const bool truncates = (flags & kOpenTruncate) != 0;
  const bool writes = access != kOpenReadOnly || truncates;
  switch (inode.type()) {
    case kModeSymlink:
      return -ELOOP;
    case kModeDirectory:
      if (writes || (flags & kOpenCreate) != 0) return -EISDIR;
      break;
    default:
      break;
  }
  u32 wants = truncates ? kAccessWrite : 0;
  if (access != kOpenWriteOnly) wants |= kAccessRead;
  if (access != kOpenReadOnly) wants |= kAccessWrite;
  if (i64 error = check_rights(who, inode, wants); error != 0) return error;
  if ((flags & kOpenNoAtime) != 0 && !owns(who, inode)) return -EPERM;
  if (inode.is_regular()) {
    if (writes && inode.runs != 0) return -ETXTBSY;
    if ((flags & kOpenDirect) != 0) return -EINVAL;
  }
  if (inode.maker != nullptr && inode.is_regular()) {
    if (i64 error = proc_.check_open(who, inode); error != 0) return error;
  }
  if (inode.is_fifo()) return 0;
  return operations_of(inode) == nullptr ? -ENXIO : 0;
}

FileOperations* VfsServer::operations_of(const Inode& inode) {
  if (inode.mount == Mount::kQueues) return inode.opened;
  if (inode.is_regular()) {
    if (inode.maker == nullptr) return &regular_file_;
    return static_cast<ProcNode>(inode.node) == ProcNode::kMemoryFile
               ? static_cast<FileOperations*>(&memory_file_)
               : &text_file_;
  }
  if (inode.is_directory()) return &directory_file_;
  switch (device_of(inode)) {
    case Device::kNull:
      return &null_file_;
    case Device::kZero:
      return &zero_file_;
    case Device::kFull:
      return &full_file_;
    case Device::kRandom:
      return &random_file_;
    case Device::kConsole:
      return &console();
    case Device::kOwnTerminal:
      return &own_terminal_;
    case Device::kPtmx:
      return &ptys_.ptmx();
    case Device::kPts:
      return &ptys_.by_number();
    case Device::kNone:
      break;
  }
  return nullptr;
}

// A new regular file where `found` has none.
i64 VfsServer::create(Call& call, const Credentials& who, const Found& found,
                      u32 mode, EntryRef& entry) {
  if (found.trailing_slash) return -EISDIR;
  if (found.parent->inode->maker != nullptr) return -ENOENT;
  if (i64 error = check_add(who, *found.parent->inode); error != 0) {
    return error;
  }
  mode &= kModePermissions & ~call.task.context->umask;
  Inode* inode = files_.make_inode(kModeRegular | mode, now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *found.parent->inode, *inode);
  entry = files_.add(*found.parent, found.name, *inode);
  if (entry == nullptr) {
    files_.discard(*inode);
    return -ENOSPC;
  }
  touch_directory(*found.parent);
  tell_directory(*found.parent, found.name, false, kInCreate);
  return 0;
}

// A file that has no name, and gets none if `flags` has O_EXCL.
i64 VfsServer::open_nameless(Call& call, const Credentials& who,
                             Entry& directory, u32 flags, u32 mode) {
  if (!directory.inode->is_directory()) return -ENOTDIR;
  if (i64 error = may_change(*directory.inode); error != 0) return error;
  if (i64 error = check_add(who, *directory.inode); error != 0) return error;
  mode &= kModePermissions & ~call.task.context->umask;
  Inode* inode = files_.make_inode(kModeRegular | mode, now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *directory.inode, *inode);
  inode->may_be_linked = (flags & kOpenExclusive) == 0;
  Entry* entry = files_.add_nameless(directory, text_of("#tmpfile"), *inode);
  if (entry == nullptr) {
    files_.discard(*inode);
    return -ENOSPC;
  }
  const i64 fd = install(call, *entry, flags);
  unref(entry);  // the open file has it
  return fd;
}

i64 VfsServer::install(Call& call, Entry& entry, u32 flags) {
  FdTable& table = *call.task.table;
  const u32 free = table.find_free(0);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  if (!table.own(store_, free + 1)) return -ENOMEM;
  u32 kept = flags & ~kOnlyAtOpen;
  if ((flags & kOpenPath) == 0) kept |= kOpenLargeFile;
  FileOperations* operations = operations_of(*entry.inode);
  // Nothing is done to a file opened with O_PATH.
  if (operations == nullptr || (flags & kOpenPath) != 0) {
    operations = entry.inode->is_directory()
                     ? static_cast<FileOperations*>(&directory_file_)
                     : &regular_file_;
  }
  OpenFile* file = store_.make_file(*operations, *entry.inode, &entry, kept);
  if (file == nullptr) return -ENFILE;
  if ((flags & kOpenPath) == 0) {
    store_.ref(file);
    const i64 error = file->operations->opened(call, *file, flags);
    if (error != 0) {
      store_.unref(file);
      return error;
    }
    --file->refs;  // the table takes one of its own
  }
  if (entry.inode->is_fifo() && (flags & kOpenPath) == 0) {
    if (i64 error = open_fifo(call, *file); error != 0) {
      if (error != kWithheld) discard(*file);
      return error;
    }
  }
  table.set(store_, free, file, (flags & kOpenCloseOnExec) != 0);
  return free;
}

// A file without a name, by its link in /proc/PID/fd: a pipe gets another end,
// all else has nothing that could be opened.
i64 VfsServer::reopen(Call& call, OpenFile& file, u32 flags) {
  if ((flags & kOpenDirectory) != 0) return -ENOTDIR;
  // O_PATH of such a file would be another name for nothing.
  if (file.operations->kind() != FileKind::kPipe || (flags & kOpenPath) != 0) {
    return -ENXIO;
  }
  if (i64 error = check_open(credentials(call.task), file.inode(), flags);
      error != 0) {
    return error;
  }
  OpenFile* made = store_.make_file(*file.operations, file.inode(), nullptr,
                                    flags & ~kOnlyAtOpen);
  if (made == nullptr) return -ENFILE;
  static_cast<Pipe*>(file.operations)->add_end(*made);
  const i64 fd = add_descriptor(call, *made, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*made);
  return fd;
}

i64 VfsServer::sys_open(Call& call, i32 fd, u64 path, u32 flags, u32 mode,
                        u64 resolve) {
  if (call.pinned != nullptr) return finish_fifo(call, flags);
  if ((flags & kOpenPath) != 0) {
    flags &= kOpenPath | kOpenDirectory | kOpenNoFollow | kOpenCloseOnExec;
  } else if ((flags & kTmpFile) != 0) {
    if ((flags & kOpenDirectory) == 0 || (flags & kOpenCreate) != 0 ||
        (flags & kOpenAccessMode) == kOpenReadOnly) {
      return -EINVAL;
    }
  } else if ((flags & kOpenCreate) != 0 && (flags & kOpenDirectory) != 0) {
    return -EINVAL;
  }
  const bool creates = (flags & kOpenCreate) != 0;
  const bool excludes = creates && (flags & kOpenExclusive) != 0;
  const bool follows = (flags & kOpenNoFollow) == 0 && !excludes;
  const Credentials who = credentials(call.task);
  // Before anything is made: there is a descriptor for it.
  const u32 free = call.task.table->find_free(0);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  Found found;
  if (i64 error = find(call, who, fd, path,
                       follows ? Follow::kYes : Follow::kNo, found, resolve);
      error != 0) {
    // With a slash behind it no file is made, whatever is there.
    const bool is_named_so =
        creates &&
        find(call, who, fd, path, Follow::kNever, found, resolve) == 0 &&
        found.trailing_slash;
    return is_named_so ? -EISDIR : error;
  }
  if ((flags & kTmpFile) != 0 && (flags & kOpenPath) == 0) {
    return found.entry == nullptr
               ? -ENOENT
               : open_nameless(call, who, *found.entry, flags, mode);
  }
  if (found.file != nullptr) return reopen(call, *found.file, flags);
  EntryRef entry = found.entry;
  const bool is_new = entry == nullptr;
  if (is_new) {
    if (!creates) return -ENOENT;
    if (i64 error = create(call, who, found, mode, entry); error != 0) {
      return error;
    }
  } else {
    if (excludes) return -EEXIST;
    const Inode& inode = *entry->inode;
    if ((flags & kOpenDirectory) != 0 && !inode.is_directory()) {
      return -ENOTDIR;
    }
    if ((flags & kOpenPath) == 0) {
      if (i64 error = check_open(who, inode, flags); error != 0) return error;
      if (i64 error = break_leases(call, inode, flags); error != 0) {
        return error;
      }
    }
  }
  // First the descriptor, which is easily undone.
  const i64 opened = install(call, *entry, flags);
  i64 error = opened < 0 ? opened : 0;
  if (error == 0 && !is_new && (flags & kOpenTruncate) != 0 &&
      (flags & kOpenPath) == 0 && entry->inode->is_regular() &&
      entry->inode->maker == nullptr) {
    error = set_size(call, *entry->inode, 0);
    if (error != 0) {
      call.task.table->set(store_, static_cast<u32>(opened), nullptr, false);
    } else {
      tell_watchers(entry.get(), *entry->inode, kInModify);
    }
  }
  if (error != 0 && is_new) files_.remove(*entry);
  if (error != 0) return error;
  if ((flags & kOpenPath) == 0) {
    tell_watchers(*call.task.table->get(static_cast<u32>(opened)), kInOpen);
  }
  return opened;
}

i64 VfsServer::sys_close(Call& call, u32 fd) {
  OpenFile* open = any_file(call, fd);
  if (open == nullptr) return -EBADF;
  FdTable& table = *call.task.table;
  if (!table.own(store_, 0)) return -ENOMEM;
  closes(call.task, *open);
  table.set(store_, fd, nullptr, false);
  return 0;
}

i64 VfsServer::sys_close_range(Call& call, u32 first, u32 last, u32 flags) {
  if ((flags & ~(kCloseRangeUnshare | kCloseRangeCloseOnExec)) != 0 ||
      first > last) {
    return -EINVAL;
  }
  if ((flags & kCloseRangeUnshare) != 0) tasks_.unshare_table(call.task);
  FdTable& table = *call.task.table;
  if (!table.own(store_, 0)) return -ENOMEM;
  for (u32 fd = first; fd <= last && fd < table.capacity(); ++fd) {
    if (table.get(fd) == nullptr) continue;
    if ((flags & kCloseRangeCloseOnExec) != 0) {
      table.set_close_on_exec(fd, true);
    } else {
      closes(call.task, *table.get(fd));
      table.set(store_, fd, nullptr, false);
    }
  }
  return 0;
}

}  // namespace tine::vfs
