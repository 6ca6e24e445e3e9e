// struct statfs as both architectures have it (asm-generic/statfs.h).
#ifndef SERVERS_VFS_STATFS_H_
#define SERVERS_VFS_STATFS_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

struct Statfs {
  i64 type;
  i64 block_size;
  u64 blocks;
  u64 free_blocks;
  u64 available_blocks;
  u64 files;
  u64 free_files;
  i32 id[2];
  i64 name_max;
  i64 fragment_size;
  i64 flags;
  i64 spare[4];
};
static_assert(sizeof(Statfs) == 120);
inline constexpr i64 kRamfsMagic = 0x858458f6;
inline constexpr i64 kStatfsReadOnly = 1;
inline constexpr i64 kStatfsValid = 0x20;

}  // namespace tine::linux_abi

#endif  // SERVERS_VFS_STATFS_H_
