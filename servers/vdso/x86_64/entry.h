// The vDSO's view of an x86-64: names, the counter, a system call.
#ifndef SERVERS_VDSO_X86_64_ENTRY_H_
#define SERVERS_VDSO_X86_64_ENTRY_H_

#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/vdso/vdso_data.h"

#define VDSO_NAME(name) __vdso_##name

namespace tine {

using linux_abi::Nr;

extern "C" [[gnu::visibility("hidden")]] const VdsoData vdso_data;

// As hw::now_ns(). The fence keeps the counter from being read early.
inline u64 now_ns(const VdsoData& data) {
  u32 low;
  u32 high;
  asm volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
  const u64 ticks = (u64{high} << 32 | low) - data.clock_start;
  return static_cast<u64>(
      static_cast<unsigned __int128>(ticks) * data.clock_factor >> 32);
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
