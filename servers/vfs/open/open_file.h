// An open file description: what descriptors of one open() share.
#ifndef SERVERS_VFS_OPEN_OPEN_FILE_H_
#define SERVERS_VFS_OPEN_OPEN_FILE_H_

#include "servers/linux_abi/fcntl.h"
#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

class FileOperations;
struct AsyncWatch;
struct EpollInterest;

struct OpenFile {
  u32 refs = 0;   // from blocks of descriptors, from waiting calls, in flight
  u32 flags = 0;  // as F_GETFL answers
  i32 owner = 0;  // F_SETOWN: a process, or a group by its negative number
  bool owner_is_thread = true;  // of F_SETOWN_EX; of none, too
  i32 owner_signal = 0;         // F_SETSIG; 0: SIGIO
  u32 owner_uid = 0;            // of who set the owner
  u32 owner_euid = 0;
  u64 owner_cookie = 0;  // of a process or thread
  u64 offset = 0;
  FileOperations* operations = nullptr;
  Inode* node = nullptr;
  Entry* entry = nullptr;  // the name it was opened by; null: it has none
  OpenFile* next_released = nullptr;
  EpollInterest* watched = nullptr;  // the sets that it is in
  bool is_writer = false;            // counted in Inode::writers
  AsyncWatch* async = nullptr;       // its places in queues, with O_ASYNC
  // Neither read nor write waits, whatever the flags say.
  bool never_waits = false;

  Inode& inode() const { return *node; }
  bool is_path_only() const { return (flags & linux_abi::kOpenPath) != 0; }
  bool waits() const {
    return !never_waits && (flags & linux_abi::kOpenNonBlock) == 0;
  }
  bool can_read() const {
    u32 mode = flags & linux_abi::kOpenAccessMode;
    return !is_path_only() && (mode == linux_abi::kOpenReadOnly ||
                               mode == linux_abi::kOpenReadWrite);
  }
  bool can_write() const {
    u32 mode = flags & linux_abi::kOpenAccessMode;
    return !is_path_only() && (mode == linux_abi::kOpenWriteOnly ||
                               mode == linux_abi::kOpenReadWrite);
  }
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_OPEN_OPEN_FILE_H_
