// The one CPU of the simulated machine.
#ifndef ARCH_SIM_HW_CPU_H_
#define ARCH_SIM_HW_CPU_H_

#include "kernel/base/types.h"

namespace tine {
struct PerCpu;
struct Thread;
}  // namespace tine

namespace tine::hw {

PerCpu& this_cpu();

// Idle: lets virtual time pass up to the next event. If there is none the run
// is handed back to the test, which may give input and go on.
u32 wait_for_interrupt();

// Leaves the boot fiber for the thread's.
[[noreturn]] void resume(Thread& thread);

[[noreturn]] void halt();

// There are no vectors: nothing happens.
inline void take_unused_vector() {}

inline void relax() {}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_CPU_H_
