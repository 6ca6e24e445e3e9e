// What all changes of files have in common.
#ifndef SERVERS_VFS_PATHS_CHANGED_H_
#define SERVERS_VFS_PATHS_CHANGED_H_

#include "servers/vfs/task_files.h"
#include "servers/vfs/tree/permissions.h"

namespace tine::vfs {

Credentials credentials(const Task& task);
// By the real instead of the effective user.
Credentials real_credentials(const Task& task);
void touch_directory(Entry& directory);
// Whether anything may be changed there: 0 or a negated errno.
i64 may_change(const Inode& inode);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PATHS_CHANGED_H_
