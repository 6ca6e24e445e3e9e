// From a system call's number to the function that carries it out. What is not
// here answers ENOSYS.
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// Calls on descriptors.
i64 VfsServer::dispatch(Call& call, u32 number) {
  const Call& a = call;
  switch (static_cast<Nr>(number)) {
    case Nr::kRead:
      return sys_read_write(call, false);
    case Nr::kWrite:
      return sys_read_write(call, true);
    case Nr::kReadv:
      return sys_readv(call, false);
    case Nr::kWritev:
      return sys_readv(call, true);
    case Nr::kPread64:
      return sys_pread_pwrite(call, false);
    case Nr::kPwrite64:
      return sys_pread_pwrite(call, true);
    case Nr::kPreadv:
      return sys_preadv(call, false);
    case Nr::kPwritev:
      return sys_preadv(call, true);
    case Nr::kPreadv2:
      return sys_preadv2(call, false);
    case Nr::kPwritev2:
      return sys_preadv2(call, true);
    case Nr::kSendfile:
      return sys_sendfile(call);
    case Nr::kSplice:
      return sys_splice(call);
    case Nr::kTee:
      return sys_tee(call);
    case Nr::kVmsplice:
      return sys_vmsplice(call);
    case Nr::kLseek:
      return sys_lseek(call, a.as_u32(0), static_cast<i64>(a[1]), a.as_int(2));
    case Nr::kClose:
      return sys_close(call, a.as_u32(0));
    case Nr::kCloseRange:
      return sys_close_range(call, a.as_u32(0), a.as_u32(1), a.as_u32(2));
    case Nr::kDup:
      return duplicate(call, a.as_u32(0), 0, false);
    case Nr::kDup2:
      return duplicate_to(call, a.as_u32(0), a.as_u32(1), false);
    case Nr::kDup3:
      return sys_dup3(call, a.as_u32(0), a.as_u32(1), a.as_u32(2));
    case Nr::kFcntl:
      return sys_fcntl(call, a.as_u32(0), a.as_int(1), a[2]);
    case Nr::kIoctl:
      return sys_ioctl(call, a.as_u32(0), a.as_u32(1), a[2]);
    case Nr::kMemfdCreate:
      return sys_memfd_create(call);
    case Nr::kCopyFileRange:
      return sys_copy_file_range(call);
    case Nr::kFlock:
      return sys_flock(call, a.as_u32(0), a.as_u32(1));
    case Nr::kPipe:
      return sys_pipe(call, 0);
    case Nr::kPipe2:
      return sys_pipe(call, a.as_u32(1));
    case Nr::kEventfd:
      return sys_eventfd(call, 0);
    case Nr::kEventfd2:
      return sys_eventfd(call, a.as_u32(1));
    case Nr::kPoll:
      return sys_poll(call);
    case Nr::kPpoll:
      return sys_ppoll(call);
    case Nr::kSelect:
      return sys_select(call);
    case Nr::kPselect6:
      return sys_pselect6(call);
    case Nr::kFstat:
      return sys_fstat(call, a.as_u32(0), a[1]);
    case Nr::kFstatfs:
      return sys_fstatfs(call, a.as_u32(0), a[1]);
    case Nr::kGetdents64:
      return sys_getdents(call, DirectoryForm::kNew);
    case Nr::kGetdents:
      return sys_getdents(call, DirectoryForm::kOld);
    case Nr::kFchdir:
      return sys_fchdir(call);
    case Nr::kSync:
      return 0;
    case Nr::kFsync:
    case Nr::kFdatasync:
      return sys_fsync(call, a.as_u32(0));
    case Nr::kSyncfs:
      return file(call, a[0]) == nullptr ? -EBADF : 0;
    case Nr::kFadvise64:
      return sys_fadvise(call);
    case Nr::kReadahead:
      return sys_readahead(call);
    case Nr::kSyncFileRange:
      return sys_sync_file_range(call);
    case Nr::kUmask: {
      u32 before = call.task.context->umask;
      call.task.context->umask = a.as_u32(0) & 0777;
      return before;
    }
    default:
      return dispatch_paths(call, number);
  }
}

// Calls on paths.
i64 VfsServer::dispatch_paths(Call& call, u32 number) {
  const Call& a = call;
  switch (static_cast<Nr>(number)) {
    case Nr::kOpen:
      return sys_open(call, kAtFdCwd, a[0], a.as_u32(1), a.as_u32(2));
    case Nr::kOpenat:
      return sys_open(call, a.as_int(0), a[1], a.as_u32(2), a.as_u32(3));
    case Nr::kOpenat2:
      return sys_openat2(call);
    case Nr::kCreat:
      return sys_open(call, kAtFdCwd, a[0],
                      kOpenCreate | kOpenWriteOnly | kOpenTruncate,
                      a.as_u32(1));
    case Nr::kStat:
      return sys_stat(call, a[0], a[1], true);
    case Nr::kLstat:
      return sys_stat(call, a[0], a[1], false);
    case Nr::kNewfstatat:
      return sys_stat_at(call, a.as_int(0), a[1], a[2], a.as_u32(3));
    case Nr::kStatx:
      return sys_statx(call);
    case Nr::kStatfs:
      return sys_statfs(call, a[0], a[1]);
    case Nr::kAccess:
      return sys_access(call, kAtFdCwd, a[0], a.as_u32(1), 0);
    case Nr::kFaccessat:
      return sys_access(call, a.as_int(0), a[1], a.as_u32(2), 0);
    case Nr::kFaccessat2:
      return sys_access(call, a.as_int(0), a[1], a.as_u32(2), a.as_u32(3));
    case Nr::kReadlink:
      return sys_readlink(call, kAtFdCwd, a[0], a[1], a.as_int(2));
    case Nr::kReadlinkat:
      return sys_readlink(call, a.as_int(0), a[1], a[2], a.as_int(3));
    case Nr::kGetcwd:
      return sys_getcwd(call, a[0], a[1]);
    case Nr::kChdir:
      return sys_chdir(call);
    case Nr::kChroot:
      return sys_chroot(call);
    default:
      return dispatch_changes(call, number);
  }
}

// Calls that change the file system.
i64 VfsServer::dispatch_changes(Call& call, u32 number) {
  const Call& a = call;
  switch (static_cast<Nr>(number)) {
    case Nr::kMkdir:
      return sys_mkdir(call, kAtFdCwd, a[0], a.as_u32(1));
    case Nr::kMkdirat:
      return sys_mkdir(call, a.as_int(0), a[1], a.as_u32(2));
    case Nr::kMknod:
      return sys_mknod(call, kAtFdCwd, a[0], a.as_u32(1), a.as_u32(2));
    case Nr::kMknodat:
      return sys_mknod(call, a.as_int(0), a[1], a.as_u32(2), a.as_u32(3));
    case Nr::kLink:
      return sys_link(call, kAtFdCwd, a[0], kAtFdCwd, a[1], 0);
    case Nr::kLinkat:
      return sys_link(call, a.as_int(0), a[1], a.as_int(2), a[3], a.as_u32(4));
    case Nr::kSymlink:
      return sys_symlink(call, a[0], kAtFdCwd, a[1]);
    case Nr::kSymlinkat:
      return sys_symlink(call, a[0], a.as_int(1), a[2]);
    case Nr::kUnlink:
      return sys_unlink(call, kAtFdCwd, a[0], false);
    case Nr::kRmdir:
      return sys_unlink(call, kAtFdCwd, a[0], true);
    case Nr::kUnlinkat:
      if ((a.as_u32(2) & ~kAtRemoveDir) != 0) return -EINVAL;
      return sys_unlink(call, a.as_int(0), a[1], a.as_u32(2) != 0);
    case Nr::kRename:
      return sys_rename(call, kAtFdCwd, a[0], kAtFdCwd, a[1], 0);
    case Nr::kRenameat:
      return sys_rename(call, a.as_int(0), a[1], a.as_int(2), a[3], 0);
    case Nr::kRenameat2:
      return sys_rename(call, a.as_int(0), a[1], a.as_int(2), a[3],
                        a.as_u32(4));
    case Nr::kChmod:
      return sys_chmod(call, kAtFdCwd, a[0], a.as_u32(1), 0);
    case Nr::kFchmodat:
      return sys_chmod(call, a.as_int(0), a[1], a.as_u32(2), 0);
    case Nr::kFchmod:
      return sys_fchmod(call, a.as_u32(0), a.as_u32(1));
    case Nr::kChown:
      return sys_chown(call, kAtFdCwd, a[0], a.as_u32(1), a.as_u32(2), 0);
    case Nr::kLchown:
      return sys_chown(call, kAtFdCwd, a[0], a.as_u32(1), a.as_u32(2),
                       kAtSymlinkNoFollow);
    case Nr::kFchownat:
      return sys_chown(call, a.as_int(0), a[1], a.as_u32(2), a.as_u32(3),
                       a.as_u32(4));
    case Nr::kFchown:
      return sys_fchown(call, a.as_u32(0), a.as_u32(1), a.as_u32(2));
    case Nr::kUtime:
      return sys_utime(call);
    case Nr::kUtimes:
      return sys_utimes(call, kAtFdCwd, a[0], a[1]);
    case Nr::kFutimesat:
      return sys_utimes(call, a.as_int(0), a[1], a[2]);
    case Nr::kUtimensat:
      return sys_utimensat(call);
    case Nr::kTruncate:
      return sys_truncate(call, a[0], static_cast<i64>(a[1]));
    case Nr::kFtruncate:
      return sys_ftruncate(call, a.as_u32(0), static_cast<i64>(a[1]));
    case Nr::kFallocate:
      return sys_fallocate(call);
    case Nr::kNameToHandleAt:
      return sys_name_to_handle(call);
    case Nr::kOpenByHandleAt:
      return sys_open_by_handle(call);
    case Nr::kMount:
      return sys_mount(call);
    case Nr::kUmount2:
      return sys_umount(call);
    case Nr::kPivotRoot:
      return sys_pivot_root(call);
    case Nr::kGetxattr:
      return sys_xattr(call, XattrCall::kGet, Follow::kYes);
    case Nr::kLgetxattr:
      return sys_xattr(call, XattrCall::kGet, Follow::kNo);
    case Nr::kFgetxattr:
      return sys_fxattr(call, XattrCall::kGet);
    case Nr::kSetxattr:
      return sys_xattr(call, XattrCall::kSet, Follow::kYes);
    case Nr::kLsetxattr:
      return sys_xattr(call, XattrCall::kSet, Follow::kNo);
    case Nr::kFsetxattr:
      return sys_fxattr(call, XattrCall::kSet);
    case Nr::kListxattr:
      return sys_xattr(call, XattrCall::kList, Follow::kYes);
    case Nr::kLlistxattr:
      return sys_xattr(call, XattrCall::kList, Follow::kNo);
    case Nr::kFlistxattr:
      return sys_fxattr(call, XattrCall::kList);
    case Nr::kRemovexattr:
      return sys_xattr(call, XattrCall::kRemove, Follow::kYes);
    case Nr::kLremovexattr:
      return sys_xattr(call, XattrCall::kRemove, Follow::kNo);
    case Nr::kFremovexattr:
      return sys_fxattr(call, XattrCall::kRemove);
    default:
      return dispatch_sockets(call, number);
  }
}

i64 VfsServer::dispatch_sockets(Call& call, u32 number) {
  switch (static_cast<Nr>(number)) {
    case Nr::kSocket:
      return sys_socket(call);
    case Nr::kSocketpair:
      return sys_socketpair(call);
    case Nr::kBind:
      return sys_bind(call);
    case Nr::kListen:
      return sys_listen(call);
    case Nr::kConnect:
      return sys_connect(call);
    case Nr::kAccept:
      return sys_accept(call, 0);
    case Nr::kAccept4:
      return sys_accept(call, call.as_u32(3));
    case Nr::kGetsockname:
      return sys_getsockname(call, false);
    case Nr::kGetpeername:
      return sys_getsockname(call, true);
    case Nr::kGetsockopt:
      return sys_getsockopt(call);
    case Nr::kSetsockopt:
      return sys_setsockopt(call);
    case Nr::kSendto:
      return sys_sendto(call);
    case Nr::kRecvfrom:
      return sys_recvfrom(call);
    case Nr::kSendmsg:
      return sys_sendmsg(call);
    case Nr::kRecvmsg:
      return sys_recvmsg(call);
    case Nr::kSendmmsg:
      return sys_sendmmsg(call, false);
    case Nr::kRecvmmsg:
      return sys_sendmmsg(call, true);
    case Nr::kShutdown:
      return sys_shutdown(call);
    case Nr::kMqOpen:
      return sys_mq_open(call);
    case Nr::kMqUnlink:
      return sys_mq_unlink(call);
    case Nr::kMqTimedsend:
      return sys_mq_timedsend(call);
    case Nr::kMqTimedreceive:
      return sys_mq_timedreceive(call);
    case Nr::kMqNotify:
      return sys_mq_notify(call);
    case Nr::kMqGetsetattr:
      return sys_mq_getsetattr(call);
    case Nr::kTimerfdCreate:
      return sys_timerfd_create(call);
    case Nr::kTimerfdSettime:
      return sys_timerfd_settime(call);
    case Nr::kTimerfdGettime:
      return sys_timerfd_gettime(call);
    case Nr::kInotifyInit:
      return sys_inotify_init(call, 0);
    case Nr::kInotifyInit1:
      return sys_inotify_init(call, call.as_u32(0));
    case Nr::kInotifyAddWatch:
      return sys_inotify_add_watch(call);
    case Nr::kInotifyRmWatch:
      return sys_inotify_rm_watch(call);
    case Nr::kEpollCreate:
      return call.as_int(0) <= 0 ? -EINVAL : sys_epoll_create(call, 0);
    case Nr::kEpollCreate1:
      return sys_epoll_create(call, call.as_u32(0));
    case Nr::kEpollCtl:
      return sys_epoll_ctl(call);
    case Nr::kEpollWait:
    case Nr::kEpollPwait:
      return sys_epoll_wait(call);
    case Nr::kEpollPwait2:
      return sys_epoll_pwait2(call);
    default:
      return -ENOSYS;
  }
}

}  // namespace tine::vfs
