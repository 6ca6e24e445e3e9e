// Flags of open() whose values differ between architectures (asm/fcntl.h).
#ifndef SERVERS_LINUX_ABI_X86_64_FCNTL_H_
#define SERVERS_LINUX_ABI_X86_64_FCNTL_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

inline constexpr u32 kOpenDirect = 040000;
inline constexpr u32 kOpenLargeFile = 0100000;
inline constexpr u32 kOpenDirectory = 0200000;
inline constexpr u32 kOpenNoFollow = 0400000;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_FCNTL_H_
