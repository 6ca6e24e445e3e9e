// What all changes have in common: times, rights,
// limits.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

Credentials credentials(const Task& task) {
  return credentials_of(task.cookie);
}

Credentials real_credentials(const Task& task) {
  return real_credentials_of(task.cookie);
}

void touch_directory(Entry& directory) {
  directory.inode->modified = directory.inode->changed = now();
}

// What is made up cannot be changed. Of a message queue, who may use it can.
i64 may_change(const Inode& inode) {
  return inode.maker != nullptr && inode.mount != Mount::kQueues ? -EPERM : 0;
}

bool VfsServer::is_mount_point(const Entry& entry) const {
  return entry.inode->mount != entry.parent->inode->mount ||
         &entry == &files_.root();
}

i64 too_big(Call& call) {
  call.raises = linux_abi::kSigXfsz;
  return -linux_abi::EFBIG;
}

}  // namespace tine::vfs
