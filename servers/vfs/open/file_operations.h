// What one kind of open file does. A kind without state of its own (a regular
// file, /dev/null) is one object for all; a pipe, a socket, a terminal is an
// object each.
//
// No operation waits: what cannot be done now answers -EAGAIN, and the caller
// waits on wait_queue(), if the file waits at all, to do it again.
#ifndef SERVERS_VFS_OPEN_FILE_OPERATIONS_H_
#define SERVERS_VFS_OPEN_FILE_OPERATIONS_H_

#include "servers/vfs/open/open_file.h"
#include "servers/vfs/open/transfer.h"

namespace tine::vfs {

struct Call;
class WaitQueue;

enum class FileKind : u8 {
  kRegular,
  kDirectory,
  kDevice,  // null, zero, full, random
  kTerminal,
  kPipe,
  kSocket,
  kEvent,
  kEpoll,
  kTimer,
  kInotify,
  kSignal,
  kProcess,
  kMessageQueue,
  kText,  // made up as it is read: /proc
  kOther,
};

class FileOperations {
 public:
  virtual FileKind kind() const = 0;

  // Bytes moved, 0 at the end of the file, or a negated errno. The access mode
  // has been checked. `position` is where, and is to be advanced; it is that of
  // the open file or of pread. A fault that moved nothing is -EFAULT.
  virtual i64 read(Call& call, OpenFile& file, Transfer& to, u64& position);
  // Likewise. Fewer bytes than asked and no fault: no more can be taken now.
  virtual i64 write(Call& call, OpenFile& file, Transfer& from, u64& position);
  // Whether pread and pwrite have a meaning; else ESPIPE.
  virtual bool has_positions() const { return false; }
  // Whether a write that waits goes on until all is written.
  virtual bool writes_all() const { return false; }

  // open() made `file` with these flags, and it is all set up. It may put other
  // operations in its place, or refuse: then the file goes at once, and
  // release() is told.
  virtual i64 opened(Call& call, OpenFile& file, u32 flags);

  // POLL* bits that are true now.
  virtual u32 poll(OpenFile& file);
  // What becomes awake when reading (`writes`: writing) may succeed; null: it
  // never has to wait.
  virtual WaitQueue* wait_queue(OpenFile& file, bool writes);

  virtual i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument);
  // lseek(): the new position.
  virtual i64 seek(OpenFile& file, i64 offset, i32 whence);
  // The last reference to `file` is gone.
  virtual void release(OpenFile& file);
  // What /proc/PID/fd says of a file without a name, such as `pipe:[7]`, into
  // `text`; the length, 0 if it has a name. No NUL.
  virtual u64 describe(const OpenFile& file, char* text, u64 room) const;

 protected:
  ~FileOperations() = default;
};

// The bytes moved, or -EFAULT if a fault kept it from moving any.
i64 moved(const Transfer& transfer, u64 bytes);

// May the file be used so, and does it have positions? 0 or an errno.
i64 check_access(const OpenFile* file, bool writes);
i64 check_positioned(const OpenFile* file, bool writes, i64 offset);

// The text, its length.
u64 describe_plainly(const char* what, char* text, u64 room);
// `PREFIX:[NUMBER]`; its length.
u64 describe_by_number(const char* prefix, u64 number, char* text, u64 room);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_FILE_OPERATIONS_H_
