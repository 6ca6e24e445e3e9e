// What a name stands for.
#ifndef SERVERS_VFS_TREE_INODE_H_
#define SERVERS_VFS_TREE_INODE_H_

#include "kernel/abi/batch.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/linux_abi/file.h"
#include "servers/protocol/memory.h"
#include "servers/vfs/tree/text.h"

namespace tine::vfs {

// The file system that an inode is of, as st_dev's minor number tells.
enum class Mount : u8 {
  kRoot = 2,
  kProc = 3,
  kSys = 4,
  kPts = 5,
  kNone = 6,
  kQueues = 7
};

// As /proc/self/mountinfo tells.
constexpr u64 mount_id_of(Mount mount) { return static_cast<u64>(mount) - 1; }

class FileOperations;
class Synthetic;
struct InotifyWatch;

// An extended attribute.
struct Attribute {
  Attribute* next = nullptr;
  Text name;  // with a NUL behind it
  Text value;
};

struct Inode {
  u64 number = 0;
  u32 mode = 0;
  u32 links = 0;  // as stat tells: names, and "." and ".." of directories
  u32 refs = 0;   // entries that name it, in the tree or not
  u32 uid = 0;
  u32 gid = 0;
  u32 writers = 0;  // open files that may write: it cannot be run
  u32 readers = 0;  // those that may only read
  u32 runs = 0;     // tasks that run it: it cannot be written
  Mount mount = Mount::kRoot;
  bool may_be_linked = false;  // without a name, by O_TMPFILE
  i64 accessed = 0;            // times in ns since 1970
  i64 modified = 0;
  i64 changed = 0;
  i64 created = 0;
  u64 bytes = 0;
  u32 device_major = 0;  // of a device node
  u32 device_minor = 0;
  // Contents of a regular file; none if nothing was ever written.
  Handle object = kNoHandle;
  ObjectId object_id = 0;
  u64 frames = 0;             // pages that had one when they were counted
  bool is_published = false;  // the memory server knows the size
  // F_SEAL_*: only what memfd_create made can ever have others.
  u32 seals = linux_abi::kSealSeal;
  u8 write_hint = 0;  // RWH_WRITE_LIFE_*
  // Of a FIFO or socket that is in use: what it is.
  FileOperations* opened = nullptr;
  Text target;  // of a symlink
  Attribute* attributes = nullptr;
  InotifyWatch* watches = nullptr;  // of those who want to hear of it
  // Of what is made up: by whom, what it is, of which task and descriptor.
  Synthetic* maker = nullptr;
  u32 node = 0;
  i32 tid = 0;
  u32 fd = 0;
  MmId mm = 0;  // /proc/PID/mem: that of when it was looked up
  // In a directory: what the next name gets, so that names stay in order.
  u64 next_position = 2;

  u32 type() const { return mode & linux_abi::kModeType; }
  bool is_directory() const { return type() == linux_abi::kModeDirectory; }
  bool is_regular() const { return type() == linux_abi::kModeRegular; }
  bool is_symlink() const { return type() == linux_abi::kModeSymlink; }
  bool is_device() const { return type() == linux_abi::kModeCharacter; }
  bool is_fifo() const { return type() == linux_abi::kModeFifo; }
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_INODE_H_
