// The host's sanitizers print better backtraces than a walk could.
#ifndef ARCH_SIM_HW_BACKTRACE_H_
#define ARCH_SIM_HW_BACKTRACE_H_

#include "arch/hw/trap_frame.h"
#include "kernel/base/types.h"

namespace tine::hw {

inline u64 frame_pointer() {
  return reinterpret_cast<u64>(__builtin_frame_address(0));
}
inline u64 frame_pointer(const TrapFrame&) { return 0; }

struct KernelStacks {
  u64 begin;
  u64 end;
};
inline KernelStacks kernel_stacks() { return {0, 0}; }

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_BACKTRACE_H_
