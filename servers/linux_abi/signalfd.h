// What a read of a signalfd tells (linux/signalfd.h).
#ifndef SERVERS_LINUX_ABI_SIGNALFD_H_
#define SERVERS_LINUX_ABI_SIGNALFD_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

struct SignalFdInfo {
  u32 signal = 0;
  i32 error = 0;
  i32 code = 0;
  u32 pid = 0;
  u32 uid = 0;
  i32 fd = 0;
  u32 timer = 0;
  u32 band = 0;
  u32 overrun = 0;
  u32 trap = 0;
  i32 status = 0;
  i32 number = 0;   // the value as an int
  u64 pointer = 0;  // and as a pointer
  u64 user_ticks = 0;
  u64 system_ticks = 0;
  u64 address = 0;
  u16 address_low = 0;
  u16 padding = 0;
  i32 call = 0;
  u64 call_address = 0;
  u32 architecture = 0;
  u8 reserved[28] = {};
};
static_assert(sizeof(SignalFdInfo) == 128);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SIGNALFD_H_
