// clone()'s order of arguments on x86-64.
#ifndef SERVERS_LINUX_ABI_X86_64_CLONE_ARGUMENTS_H_
#define SERVERS_LINUX_ABI_X86_64_CLONE_ARGUMENTS_H_

#include "kernel/base/types.h"
#include "servers/linux_abi/arch/machine.h"

namespace tine::linux_abi {

// flags 0, stack 1, parent_tid 2 on both; then child_tid and tls.
inline constexpr unsigned kCloneChildTidArgument = 3;
inline constexpr unsigned kCloneTlsArgument = 4;
// A new stack must be aligned to this (copy_thread): else EINVAL.
inline constexpr u64 kCloneStackAlign = 1;
// What copy_thread() takes as CLONE_SETTLS; anything else is EPERM.
constexpr bool is_valid_tls(u64 tls) { return tls < kUserAddressEnd; }

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_CLONE_ARGUMENTS_H_
