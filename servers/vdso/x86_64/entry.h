// The vDSO's view of an x86-64: names, the counter, a system call.
#ifndef SERVERS_VDSO_X86_64_ENTRY_H_
#define SERVERS_VDSO_X86_64_ENTRY_H_

#include "arch/hw/user_clock.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/vdso/vdso_data.h"

#define VDSO_NAME(name) __vdso_##name

namespace tine {

using linux_abi::Nr;

extern "C" [[gnu::visibility("hidden")]] const VdsoData vdso_data;

inline u64 now_ns(const VdsoData& data) {
  return hw::user_clock_ns(data.clock_start, data.clock_factor);
}

inline int system_call(Nr number, u64 first, u64 second) {
  long result = static_cast<long>(number);
  asm volatile("syscall"
               : "+a"(result)
               : "D"(first), "S"(second)
               : "rcx", "r11", "memory");
  return static_cast<int>(result);
}

}  // namespace tine

#endif  // SERVERS_VDSO_X86_64_ENTRY_H_
