// dup, fcntl, ioctl, lseek.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/termios.h"
#include "servers/vfs/board.h"
#include "servers/vfs/proc/tasks_view.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kIoctlNoCloseOnExec = 0x5450;  // FIONCLEX
constexpr u32 kIoctlCloseOnExec = 0x5451;    // FIOCLEX
constexpr u32 kIoctlFileSize = 0x5460;       // FIOQSIZE
constexpr u32 kIoctlBlockSize = 2;           // FIGETBSZ
constexpr u32 kIoctlNonBlocking = 0x5421;    // FIONBIO
constexpr u32 kIoctlAsync = 0x5452;          // FIOASYNC
// Of F_SETOWN_EX.
constexpr i32 kOwnerThread = 0;
constexpr i32 kOwnerProcess = 1;
constexpr i32 kOwnerGroup = 2;
// What F_SETFL changes.
constexpr u32 kSettable =
    kOpenAppend | kOpenNonBlock | kOpenNoAtime | kOpenAsync | kOpenDirect;

}  // namespace

i64 VfsServer::duplicate(Call& call, u32 fd, u32 from, bool close_on_exec) {
  OpenFile* file = any_file(call, fd);
  if (file == nullptr) return -EBADF;
  FdTable& table = *call.task.table;
  const u32 free = table.find_free(from);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  if (!table.own(store_, free + 1)) return -ENOMEM;
  table.set(store_, free, file, close_on_exec);
  return free;
}

i64 VfsServer::duplicate_to(Call& call, u32 fd, u32 to, bool close_on_exec) {
  OpenFile* file = any_file(call, fd);
  if (file == nullptr) return -EBADF;
  if (fd == to) return to;
  if (to >= call.task.limit || to >= kMaxFds) return -EBADF;
  FdTable& table = *call.task.table;
  if (!table.own(store_, to + 1)) return -ENOMEM;
  if (OpenFile* before = table.get(to)) closes(call.task, *before);
  table.set(store_, to, file, close_on_exec);
  return to;
}

i64 VfsServer::sys_dup3(Call& call, u32 fd, u32 to, u32 flags) {
  if ((flags & ~kOpenCloseOnExec) != 0 || fd == to) return -EINVAL;
  return duplicate_to(call, fd, to, flags != 0);
}

i64 VfsServer::sys_fcntl(Call& call, u32 fd, i32 command, u64 argument) {
  OpenFile* file = any_file(call, fd);
  if (file == nullptr) return -EBADF;
  FdTable& table = *call.task.table;
  switch (command) {
    case kDupFd:
    case kDupFdCloseOnExec:
      if (argument >= call.task.limit) return -EINVAL;
      return duplicate(
          call, fd, argument < kMaxFds ? static_cast<u32>(argument) : kMaxFds,
          command == kDupFdCloseOnExec);
    case kGetFd:
      return table.close_on_exec(fd) ? kFdCloseOnExec : 0;
    case kSetFd:
      if (table.close_on_exec(fd) == ((argument & kFdCloseOnExec) != 0)) {
        return 0;
      }
      if (!table.own(store_, 0)) return -ENOMEM;
      table.set_close_on_exec(fd, (argument & kFdCloseOnExec) != 0);
      return 0;
    case kGetFl:
      return file->flags;
    case kSetFl:
      if (file->is_path_only()) return -EBADF;
      if ((argument & ~u64{file->flags} & kOpenNoAtime) != 0 &&
          !owns(credentials(call.task), file->inode())) {
        return -EPERM;
      }
      if ((argument & kOpenDirect) != 0 && !file->inode().is_fifo()) {
        return -EINVAL;
      }
      if (i64 error = set_async(static_cast<i32>(fd), *file,
                                (argument & kOpenAsync) != 0);
          error != 0) {
        return error;
      }
      file->flags =
          (file->flags & ~kSettable) | (static_cast<u32>(argument) & kSettable);
      return 0;
    default:
      return file->is_path_only()
                 ? -EBADF
                 : sys_fcntl_more(call, fd, *file, command, argument);
  }
}

// A process, or by its negative number a group.
i64 set_signal_owner(const Call& call, OpenFile& file, i32 owner,
                     bool is_thread) {
  if (owner == INT32_MIN) return -EINVAL;
  const i32 pid = pid_named_by(call.task.cookie, owner < 0 ? -owner : owner);
  const bool exists =
      owner < 0 ? has_group(pid) : record_of_tid(pid) != nullptr;
  if (owner != 0 && (pid == 0 || !exists)) return -ESRCH;
  if (const BoardRecord* by = board_of(call.task.cookie); by != nullptr) {
    file.owner_uid = by->uid;
    file.owner_euid = by->euid;
  }
  if (owner > 0) file.owner_cookie = record_of_tid(pid)->cookie;
  file.owner = owner < 0 ? -pid : pid;
  file.owner_is_thread = is_thread;
  return 0;
}

// Before the flag O_ASYNC changes to that.
i64 VfsServer::set_async(i32 fd, OpenFile& file, bool is_on) {
  if (is_on == ((file.flags & kOpenAsync) != 0)) return 0;
  if (is_on) {
    return AsyncWatches::has_any(file) ? async_watches_.add(file, fd) : 0;
  }
  AsyncWatches::forget(file);
  return 0;
}

i64 VfsServer::sys_fcntl_more(Call& call, u32 fd, OpenFile& file, i32 command,
                              u64 argument) {
  const u64 caller = call.task.cookie;
  const bool has_group = file.owner < 0;
  switch (command) {
    case kGetOwn:
      return has_group ? -seen_by(caller, -file.owner)
                       : seen_by(caller, file.owner);
    case kGetOwnEx: {
      struct {
        i32 type;
        i32 id;
      } const owner{has_group              ? kOwnerGroup
                    : file.owner_is_thread ? kOwnerThread
                                           : kOwnerProcess,
                    seen_by(caller, has_group ? -file.owner : file.owner)};
      return call.user.put(argument, owner);
    }
    case kSetOwn:
      return set_signal_owner(call, file, static_cast<i32>(argument), false);
    case kSetOwnEx: {
      struct {
        i32 type;
        i32 id;
      } owner;
      if (!call.user.get(argument, owner)) return -EFAULT;
      if (owner.type < kOwnerThread || owner.type > kOwnerGroup) return -EINVAL;
      if (owner.id < 0) return -ESRCH;
      return set_signal_owner(call, file,
                              owner.type == kOwnerGroup ? -owner.id : owner.id,
                              owner.type == kOwnerThread);
    }
    case kGetSignal:
      return file.owner_signal;  // 0: SIGIO
    case kSetSignal:
      if (argument > 64) return -EINVAL;
      file.owner_signal = static_cast<i32>(argument);
      return 0;
    case kAddSeals:
    case kGetSeals:
      return sys_seals(file, command, argument);
    case kGetLk:
    case kOfdGetLk:
      return get_lock(call, file, command, argument);
    case kSetLk:
    case kSetLkw:
    case kOfdSetLk:
    case kOfdSetLkw:
      return set_lock(call, fd, file, command, argument);
    case kGetWriteHint:
      return call.user.put(argument, u64{file.inode().write_hint});
    case kSetWriteHint: {
      constexpr u64 kMostHint = 5;  // RWH_WRITE_LIFE_EXTREME
      u64 hint;
      if (!call.user.get(argument, hint)) return -EFAULT;
      if (hint > kMostHint) return -EINVAL;
      file.inode().write_hint = static_cast<u8>(hint);
      return 0;
    }
    case kSetLease:
      return set_lease(call, fd, file, static_cast<i32>(argument));
    case kGetLease:
      return get_lease(file);
    case kSetPipeSize:
    case kGetPipeSize: {
      if (file.operations->kind() != FileKind::kPipe) return -EBADF;
      Pipe& pipe = static_cast<Pipe&>(*file.operations);
      return command == kGetPipeSize
                 ? pipe.size()
                 : pipe.set_size(static_cast<u32>(argument));
    }
    default:
      return -EINVAL;
  }
}

i64 VfsServer::sys_ioctl(Call& call, u32 fd, u32 request, u64 argument) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  switch (request) {
    case kIoctlBlockSize:
      return call.user.put(argument, static_cast<u32>(kPageSize));
    case kIoctlFileSize:
      if (open->inode().is_regular() || open->inode().is_directory()) {
        files_.contents().count(open->inode());
        return call.user.put(argument, open->inode().frames * kPageSize);
      }
      return -ENOTTY;
    case kIoctlCloseOnExec:
    case kIoctlNoCloseOnExec: {
      FdTable& table = *call.task.table;
      if (!table.own(store_, 0)) return -ENOMEM;
      table.set_close_on_exec(fd, request == kIoctlCloseOnExec);
      return 0;
    }
    case kIoctlNonBlocking: {
      u32 on;
      if (!call.user.get(argument, on)) return -EFAULT;
      open->flags =
          on != 0 ? open->flags | kOpenNonBlock : open->flags & ~kOpenNonBlock;
      return 0;
    }
    case kIoctlAsync: {
      u32 on;
      if (!call.user.get(argument, on)) return -EFAULT;
      const bool is_on = (open->flags & kOpenAsync) != 0;
      if (is_on == (on != 0)) return 0;
      if (!AsyncWatches::has_any(*open)) return -ENOTTY;
      const i64 error = set_async(static_cast<i32>(fd), *open, on != 0);
      if (error == 0) open->flags ^= kOpenAsync;
      return error;
    }
    case kTiocGetPtyPeer:
      return open_pty_peer(call, *open, argument);
    default:
      return open->operations->ioctl(call, *open, request, argument);
  }
}

i64 VfsServer::sys_lseek(Call& call, u32 fd, i64 offset, i32 whence) {
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  if (whence < kSeekSet || whence > kSeekHole) return -EINVAL;
  return open->operations->seek(*open, offset, whence);
}

}  // namespace tine::vfs
