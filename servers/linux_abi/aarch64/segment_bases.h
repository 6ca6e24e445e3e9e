// AArch64 has no segments: its table of calls has no arch_prctl either.
#ifndef SERVERS_LINUX_ABI_AARCH64_SEGMENT_BASES_H_
#define SERVERS_LINUX_ABI_AARCH64_SEGMENT_BASES_H_

#include "arch/hw/user_state.h"

namespace tine::linux_abi {

inline u64* fs_base_of(hw::UserState&) { return nullptr; }
inline u64* gs_base_of(hw::UserState&) { return nullptr; }

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_SEGMENT_BASES_H_
