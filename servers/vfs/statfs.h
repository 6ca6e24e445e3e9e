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
inline constexpr i64 kTmpfsMagic = 0x01021994;
inline constexpr i64 kProcMagic = 0x9fa0;
inline constexpr i64 kSysMagic = 0x62656572;
inline constexpr i64 kPtsMagic = 0x1cd1;
inline constexpr i64 kQueueMagic = 0x19800202;
inline constexpr i64 kPipeMagic = 0x50495045;
inline constexpr i64 kSocketMagic = 0x534f434b;
inline constexpr i64 kNamelessMagic = 0x09041934;  // anon_inodefs
inline constexpr i64 kStatfsValid = 0x20;
inline constexpr i64 kStatfsRelativeTimes = 0x1000;

}  // namespace tine::linux_abi

#endif  // SERVERS_VFS_STATFS_H_
