// The code that every program finds at kVdsoAddress.
#ifndef SERVERS_LINUX_ABI_AARCH64_VDSO_CODE_H_
#define SERVERS_LINUX_ABI_AARCH64_VDSO_CODE_H_

#include "servers/linux_abi/arch/machine.h"

namespace tine::linux_abi {

// The instruction before it is for unwinders, which look up a return address
// less one.
inline constexpr u32 kVdsoCode[] = {
    0xd503201f,  // nop
    0xd2801168,  // mov x8, #139: rt_sigreturn
    0xd4000001,  // svc #0
};
inline constexpr u64 kVdsoCodeOffset = kSignalTrampoline - 4 - kVdsoAddress;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_VDSO_CODE_H_
