// struct stat and friends as x86-64 Linux lays them out (asm/stat.h).
#ifndef SERVERS_LINUX_ABI_X86_64_STAT_H_
#define SERVERS_LINUX_ABI_X86_64_STAT_H_

#include "servers/linux_abi/time.h"

namespace tine::linux_abi {

struct Stat {
  u64 dev;
  u64 inode;
  u64 links;
  u32 mode;
  u32 uid;
  u32 gid;
  u32 padding;
  u64 device;  // st_rdev
  i64 size;
  i64 block_size;
  i64 blocks;  // of 512 bytes
  Timespec access_time;
  Timespec modify_time;
  Timespec change_time;
  i64 unused[3];
};
static_assert(sizeof(Stat) == 144);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_STAT_H_
