// Directories and links whose contents are made up when someone looks: /proc.
#ifndef SERVERS_VFS_TREE_SYNTHETIC_H_
#define SERVERS_VFS_TREE_SYNTHETIC_H_

#include "servers/vfs/tree/credentials.h"
#include "servers/vfs/tree/entry.h"

namespace tine::vfs {

struct OpenFile;

// Where a link leads: to a file itself, whatever its name is by now, or along a
// path.
struct LinkTarget {
  EntryRef entry;
  OpenFile* file = nullptr;  // one without a name, until the call ends
  Text path;                 // until the next look; what readlink tells
};

// One name of a directory.
struct Listed {
  u64 number = 0;
  u32 mode = 0;
  u64 next = 0;  // the position behind it
  char name[32];
  u64 name_bytes = 0;
};

class Synthetic {
 public:
  // 0 or a negated errno. What is found lives as long as someone refers to it.
  virtual i64 look_up(const Credentials& who, Entry& directory, Text name,
                      EntryRef& found) = 0;
  // The first name at or behind `position`, which is at least 2. False: none.
  virtual bool list(const Credentials& who, const Entry& directory,
                    u64 position, Listed& listed) = 0;
  // Of a link. `wants_path`: for readlink, else to follow it. 0 or a negated
  // errno.
  virtual i64 follow(const Credentials& who, const Inode& link, bool wants_path,
                     LinkTarget& target) = 0;

 protected:
  ~Synthetic() = default;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_SYNTHETIC_H_
