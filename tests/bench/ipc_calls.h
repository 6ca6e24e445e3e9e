// What the three parts of the IPC benchmark agree on.
#ifndef TESTS_BENCH_IPC_CALLS_H_
#define TESTS_BENCH_IPC_CALLS_H_

#include "kernel/abi/message.h"
#include "tests/bench/arch/trap_loop.h"

namespace tine::bench {

constexpr u64 native_tag(NativeOp op, u8 flags = 0) {
  return make_tag(0, flags) | u64{static_cast<u8>(op)} << 24;
}

// A figure is the least of kTrials, each of kTurns operations. All of it fits
// into one time slice, so that no timer interrupts.
inline constexpr u64 kTrials = 3;
inline constexpr u64 kTurns = 500;
inline constexpr u64 kWarmTurns = 50;
inline constexpr u64 kAllTurns = kWarmTurns + kTrials * kTurns;

// Where programs fault: nothing is mapped there.
inline constexpr u64 kUnmappedAddress = 0x5000'0000;

}  // namespace tine::bench

#endif  // TESTS_BENCH_IPC_CALLS_H_
