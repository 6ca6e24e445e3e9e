// The code that every program finds at kVdsoAddress.
#ifndef SERVERS_LINUX_ABI_X86_64_VDSO_CODE_H_
#define SERVERS_LINUX_ABI_X86_64_VDSO_CODE_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// Signal handlers return through code of the program's own (SA_RESTORER).
inline constexpr u32 kVdsoCode[] = {0xcccccccc};  // int3
inline constexpr u64 kVdsoCodeOffset = 0;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_VDSO_CODE_H_
