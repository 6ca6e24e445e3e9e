// Single steps for tracers, by the CPU's software steps (Arm ARM D2.12).
//
// MDSCR_EL1.SS is on only while a thread that is stepped runs, and yet nothing
// on the way to user mode looks for it. A thread to be stepped comes back at
// once by its PSTATE.IL (kComesBack), and the bit is set for it. If something
// else runs before the step is over, a server that the thread called say, the
// first thing that happens to it is a step exception: the bit is cleared, and
// the stepped thread will come back once more.
#ifndef ARCH_AARCH64_SINGLE_STEP_H_
#define ARCH_AARCH64_SINGLE_STEP_H_

#include "kernel/thread/thread.h"

namespace tine::hw {

// `thread` has come back: its step begins or goes on when it is resumed.
void begin_step(Thread& thread);

// A step exception. True: `thread` was to be stepped, and has been.
[[nodiscard]] bool end_step(Thread& thread);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_SINGLE_STEP_H_
