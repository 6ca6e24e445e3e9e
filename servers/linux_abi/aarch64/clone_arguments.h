// clone()'s order of arguments on AArch64.
#ifndef SERVERS_LINUX_ABI_AARCH64_CLONE_ARGUMENTS_H_
#define SERVERS_LINUX_ABI_AARCH64_CLONE_ARGUMENTS_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// flags 0, stack 1, parent_tid 2 on both; then child_tid and tls.
inline constexpr unsigned kCloneChildTidArgument = 4;
inline constexpr unsigned kCloneTlsArgument = 3;
// A new stack must be aligned to this (copy_thread): else EINVAL.
inline constexpr u64 kCloneStackAlign = 16;
// What copy_thread() takes as CLONE_SETTLS: any number.
constexpr bool is_valid_tls(u64) { return true; }

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_CLONE_ARGUMENTS_H_
