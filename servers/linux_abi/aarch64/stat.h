// struct stat as AArch64 Linux lays it out (asm-generic/stat.h).
#ifndef SERVERS_LINUX_ABI_AARCH64_STAT_H_
#define SERVERS_LINUX_ABI_AARCH64_STAT_H_

#include "servers/linux_abi/time.h"

namespace tine::linux_abi {

struct Stat {
  u64 dev;
  u64 inode;
  u32 mode;
  u32 links;
  u32 uid;
  u32 gid;
  u64 device;  // st_rdev
  u64 padding;
  i64 size;
  i32 block_size;
  i32 padding2;
  i64 blocks;  // of 512 bytes
  Timespec access_time;
  Timespec modify_time;
  Timespec change_time;
  u32 unused[2];
};
static_assert(sizeof(Stat) == 128);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_STAT_H_
