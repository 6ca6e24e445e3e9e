// The vDSO's view of an AArch64 machine: names, the counter, a system call.
#ifndef SERVERS_VDSO_AARCH64_ENTRY_H_
#define SERVERS_VDSO_AARCH64_ENTRY_H_

#include "arch/hw/user_clock.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/vdso/vdso_data.h"

#define VDSO_NAME(name) __kernel_##name

namespace tine {

using linux_abi::Nr;

extern "C" [[gnu::visibility("hidden")]] const VdsoData vdso_data;

inline u64 now_ns(const VdsoData& data) {
  return hw::user_clock_ns(data.clock_start, data.clock_factor);
}

inline int system_call(Nr number, u64 first, u64 second) {
  register u64 x0 asm("x0") = first;
  register u64 x1 asm("x1") = second;
  register u64 x8 asm("x8") = static_cast<u64>(number);
  asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
  return static_cast<int>(x0);
}

}  // namespace tine

#endif  // SERVERS_VDSO_AARCH64_ENTRY_H_
