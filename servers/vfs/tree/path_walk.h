// Resolving a path, as Linux's path_resolution(7) has it.
#ifndef SERVERS_VFS_TREE_PATH_WALK_H_
#define SERVERS_VFS_TREE_PATH_WALK_H_

#include "servers/vfs/tree/file_system.h"
#include "servers/vfs/tree/permissions.h"
#include "servers/vfs/tree/synthetic.h"

namespace tine::vfs {

// What the last component was: operations on names refuse all but kName.
enum class LastKind : u8 { kName, kDot, kDotDot, kRoot };

// A symlink that is the last component.
enum class Follow : u8 {
  kYes,
  kNo,     // unless a slash follows: then a directory is meant
  kNever,  // the name itself is meant: what makes, removes and renames names
};

// How far a walk may lead: RESOLVE_* of linux/openat2.h.
inline constexpr u64 kResolveNoOtherMount = 1;
inline constexpr u64 kResolveNoMagicLinks = 2;
inline constexpr u64 kResolveNoLinks = 4;
inline constexpr u64 kResolveBeneath = 8;
inline constexpr u64 kResolveInRoot = 16;  // for those who give a root
inline constexpr u64 kResolveCached = 32;
inline constexpr u64 kResolveAll = 63;

struct Found {
  EntryRef entry;   // null: only the last component is missing
  EntryRef parent;  // of a kName
  Text name;        // the last component, until the next walk
  // A file without a name that a link of /proc/PID/fd leads to, until the end
  // of the call: then there is no entry.
  OpenFile* file = nullptr;
  LastKind last = LastKind::kRoot;
  bool trailing_slash = false;
};

class PathWalk {
 public:
  // Follows `path` from `start` or, if it begins with a slash, from `root`. 0
  // or a negated errno.
  i64 walk(FileSystem& files, const Credentials& who, Entry& root, Entry& start,
           Text path, Follow follow, Found& found, u64 resolve = 0);

 private:
  static constexpr u64 kRoom = 4 * linux_abi::kPathMax;
  // False: too long.
  bool prepend(Text text);
  static i64 look_up(FileSystem& files, const Credentials& who,
                     Entry& directory, Text name, EntryRef& found);
  void skip_slashes();

  // What is still to be walked lies in [at_, kRoom): a symlink's target goes
  // before it.
  u64 at_ = kRoom;
  char rest_[kRoom];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_PATH_WALK_H_
