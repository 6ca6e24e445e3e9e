// Capabilities (linux/capability.h).
#ifndef SERVERS_LINUX_ABI_CAPABILITY_H_
#define SERVERS_LINUX_ABI_CAPABILITY_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// struct __user_cap_header_struct.
struct CapabilityHeader {
  u32 version;
  i32 pid;
};
inline constexpr u32 kCapabilityVersion1 = 0x1998'0330;  // 32 capabilities
inline constexpr u32 kCapabilityVersion2 = 0x2007'1026;
inline constexpr u32 kCapabilityVersion3 = 0x2008'0522;

// struct __user_cap_data_struct: one for each 32 capabilities.
struct CapabilityData {
  u32 effective;
  u32 permitted;
  u32 inheritable;
};

inline constexpr u64 kAllCapabilities = (u64{1} << 41) - 1;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_CAPABILITY_H_
