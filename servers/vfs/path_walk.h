// Resolving a path, as Linux's path_resolution(7) has it.
#ifndef SERVERS_VFS_PATH_WALK_H_
#define SERVERS_VFS_PATH_WALK_H_

#include "servers/vfs/file_system.h"

namespace tine::vfs {

// What the last component was: operations on names refuse all but kName.
enum class LastKind : u8 { kName, kDot, kDotDot, kRoot };

struct Found {
  Entry* entry = nullptr;  // null: only the last component is missing
  Entry* parent = nullptr;
  LastKind last = LastKind::kRoot;
  bool trailing_slash = false;
};

class PathWalk {
 public:
  // Follows `path`, not empty, from `start` or, if it begins with a slash, from
  // the root. `follow` counts for a symlink that is the last component. 0 or a
  // negated errno.
  i64 walk(FileSystem& files, Entry& start, Text path, bool follow,
           Found& found);

 private:
  static constexpr u64 kRoom = 4 * linux_abi::kPathMax;
  // False: too long.
  bool prepend(const char* text, u64 count);
  void skip_slashes();

  // What is still to be walked lies in [at_, kRoom): a symlink's target goes
  // before it.
  u64 at_ = kRoom;
  char rest_[kRoom];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PATH_WALK_H_
