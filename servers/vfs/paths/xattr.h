// What a call wants with an extended attribute.
#ifndef SERVERS_VFS_PATHS_XATTR_H_
#define SERVERS_VFS_PATHS_XATTR_H_

#include "kernel/base/types.h"

namespace tine::vfs {

enum class XattrCall : u8 { kGet, kSet, kList, kRemove };

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PATHS_XATTR_H_
