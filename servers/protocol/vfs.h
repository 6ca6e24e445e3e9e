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
  // 4 = file id for kExecClose.
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
};

}  // namespace tine

#endif  // SERVERS_PROTOCOL_VFS_H_
