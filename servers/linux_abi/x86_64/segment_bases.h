// The segment bases that arch_prctl sets and gets.
#ifndef SERVERS_LINUX_ABI_X86_64_SEGMENT_BASES_H_
#define SERVERS_LINUX_ABI_X86_64_SEGMENT_BASES_H_

#include "arch/hw/user_state.h"

namespace tine::linux_abi {

inline u64* fs_base_of(hw::UserState& state) { return &state.fs_base; }
inline u64* gs_base_of(hw::UserState& state) { return &state.gs_base; }

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_SEGMENT_BASES_H_
