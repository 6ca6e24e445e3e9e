// The time that files get.
#ifndef SERVERS_VFS_TREE_CLOCK_H_
#define SERVERS_VFS_TREE_CLOCK_H_

#include "kernel/base/types.h"

namespace tine::vfs {

// In ns since 1970, as CLOCK_REALTIME tells it.
i64 now();

// By how many ns CLOCK_REALTIME is ahead of the time since boot.
void set_realtime(u64 ahead_ns);
i64 realtime_ahead();

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_CLOCK_H_
