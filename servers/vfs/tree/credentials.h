// Who makes a call.
#ifndef SERVERS_VFS_TREE_CREDENTIALS_H_
#define SERVERS_VFS_TREE_CREDENTIALS_H_

#include "kernel/base/types.h"
#include "servers/linux_abi/capability.h"

namespace tine::vfs {

// As a call on files sees its caller.
struct Credentials {
  u64 cookie = 0;  // of the task
  u32 uid = 0;
  u32 gid = 0;
  const u32* groups = nullptr;
  u32 group_count = 0;
  u64 capabilities = linux_abi::kAllCapabilities;  // effective

  bool may(linux_abi::Capability capability) const {
    return (capabilities & linux_abi::capability_bit(capability)) != 0;
  }
  bool is_in(u32 group) const {
    if (group == gid) return true;
    for (u32 i = 0; i < group_count; ++i) {
      if (groups[i] == group) return true;
    }
    return false;
  }
};

// Of the task with that cookie. The second by its real user.
Credentials credentials_of(u64 cookie);
Credentials real_credentials_of(u64 cookie);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_TREE_CREDENTIALS_H_
