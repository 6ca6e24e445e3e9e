// Requests to the vfs server from the process server. Besides these it gets
// kLabelSyscall from managed threads (target = cookie of the task).
#ifndef SERVERS_PROTOCOL_VFS_H_
#define SERVERS_PROTOCOL_VFS_H_

#include "kernel/base/types.h"

namespace tine {

// Pointers in a request are addresses in the caller's own memory, read and
// written by kCopy through the held reply token.
enum class VfsLabel : u16 {
  // Opens a file for execve. 0 = cookie of the task (its cwd), 1 = address and
  // 2 = length of the path (no NUL), 3 = slot in the caller's table for the
  // file's object Space. -> 0 = 0 or -errno (ENOENT, EACCES, ENOTDIR, ELOOP,
  // EISDIR -> EACCES, ENAMETOOLONG), 1 = ObjectId, 2 = bytes, 3 = mode,
  // 4 = file id for kExecClose. Of execveat besides 4 = 1 + descriptor that the
  // path names, which must be open (0: none), 5 = AT_SYMLINK_NOFOLLOW or 0 ->
  // 7 = 1 if it will be closed by exec.
  kExecOpen = 0x200,
  // 0 = file id: the process no longer runs this file.
  kExecClose,
  // 0 = cookie, 1 = address, 2 = size of a buffer in the caller's memory for
  // the absolute path of the file with id 3. -> 1 = length.
  kExecPath,
  kDrain,
  // From the memory server by kForward, never a call: the mmap of a file. The
  // words are those of the system call.
  kMapFile,
  // Ends the wait of a thread whose call is withheld here. 0 = cookie. The
  // thread is handed to the process server: kReplyRaise of kRaiseInterrupted,
  // with what was done so far or -ERESTART*. -> 0 = 0, or -ESRCH: none of its
  // calls is withheld here (it may have been answered meanwhile).
  kInterrupt,
  // After kNewsSignals: the next signal that a terminal sends, or that is for
  // the owner of a file. -> 1 = 1 if there was one, else 0; 2 =
  // TerminalSignalTo, 3 = id, 4 = signal; for an owner 5 = 0, or si_code |
  // si_band << 8 | si_fd << 32, and 6 = uid | euid << 32 of who made it the
  // owner; for a queue's 5 = the value of the signal and 6 = pid, as the owner
  // sees it, | uid << 32 of the sender. Until there is none.
  kTakeSignals,
  // 0 = nanoseconds that CLOCK_REALTIME is ahead of the time since boot from
  // now on.
  kSetRealtime,
  // A read of a text that was handed on has been carried out. 0 = cookie, 1 =
  // descriptor, 2 = bytes by which its position moves.
  kTextRead,
  // A descriptor for a process. 0 = cookie of the task that gets it, 1 = pid,
  // 2 = serial number of the process, 3 = cookie of its leader if it has ended,
  // 4 = O_NONBLOCK or 0. -> 0 = descriptor or -errno (EMFILE, ENFILE, ENOMEM).
  kPidFdOpen,
  // The same, but it is only kept free: it is there when the ring says so, or
  // never after kPidFdCancel. Nothing else may come before either.
  kPidFdReserve,
  kPidFdCancel,
  // 0 = cookie, 1 = descriptor, 2 = 1: one of a directory of /proc will do,
  // too.
  // -> 0 = 0 or -errno (EBADF, EINVAL: it is for something else), 1 = pid, 2 =
  // serial number, 3 = flags of the open file. Of a directory the number is 0,
  // and so is the pid if the process has gone.
  kPidFdFind,
  // A descriptor for signals. 0 = cookie of the task, 1 = the descriptor that
  // gets another set, -1: a new one, 2 = the set, 3 = O_NONBLOCK, O_CLOEXEC. ->
  // 0 = descriptor or -errno (EBADF, EINVAL: it is for something else, EMFILE,
  // ENFILE, ENOMEM). From then on kNewsPending tells of each signal that is
  // pending.
  kSignalFd,
  // Shares an open file. 0 = cookie of the task that gets a descriptor, 1 = of
  // the one that has it, 2 = the descriptor there. -> 0 = descriptor or -errno.
  kTakeFile,
  // Which object a task uses. 0 = cookie of the task, 1 = VfsIdentity, 2 = a
  // descriptor, 3 = the descriptor that an epoll set watches, 4 = how many of
  // that number come before. -> 0 = 0 or -errno (EBADF, EINVAL: it is no epoll
  // set, ENOENT), 1 = a number that nothing else has as long as this is there;
  // 0: none.
  kIdentity,
};

enum class VfsIdentity : u64 {
  kFile,         // open, of the descriptor
  kDescriptors,  // the table
  kContext,      // working directory, root and mask
  kWatchedFile,  // of an epoll set
};

// A process that stays the same while its pid may not.
struct ProcessName {
  i32 pid = 0;
  u64 serial = 0;  // never given twice
};

// To whom a terminal's signal goes.
enum class TerminalSignalTo : u64 {
  kGroup = 0,          // all processes of the process group `id`
  kSessionLeader = 1,  // the leader of the session `id`
  // Owners of files: of a process, a thread, a group.
  kOwnerProcess = 2,
  kOwnerThread = 3,
  kOwnerGroup = 4,
  // The process that wants to hear of messages in a queue.
  kQueueOwner = 5,
};

}  // namespace tine

#endif  // SERVERS_PROTOCOL_VFS_H_
