// Directories and links that programs take for granted.
#ifndef SERVERS_VFS_DEV_STANDARD_NAMES_H_
#define SERVERS_VFS_DEV_STANDARD_NAMES_H_

#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

// Adds those that the image does not have: /dev/fd, /dev/stdin, /dev/shm, /tmp.
// False: no memory.
[[nodiscard]] bool add_standard_names(FileSystem& files);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_DEV_STANDARD_NAMES_H_
