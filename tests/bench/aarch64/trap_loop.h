// A loop of kernel calls whose user part is known to the instruction.
#ifndef TESTS_BENCH_AARCH64_TRAP_LOOP_H_
#define TESTS_BENCH_AARCH64_TRAP_LOOP_H_

#include "kernel/base/types.h"

namespace tine::bench {

// getppid's number: what the programs of the benchmark call.
inline constexpr u64 kProgramCall = 173;

// Instructions of one turn, the trap among them.
inline constexpr u64 kTurnInstructions = 5;

// Under -icount shift=0 an instruction takes 1 ns, and the emulator's counter
// runs at 62.5 MHz.
inline constexpr u64 kInstructionsPerTick = 16;
inline u64 ticks() {
  u64 count;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
  return count;
}

// `times` kernel calls (at least one) with this tag and target, each with the
// words and the token that the one before left; returns the last token. With
// kTraps false a no-operation stands for the trap: the user part alone.
template <bool kTraps, u64 kTag, u64 kTarget>
u64 trap_loop(u64 times, u64 token) {
  register u64 x9 asm("x9") = token;
#define TINE_TRAP_LOOP(trap)                                                   \
  asm volatile(                                                                \
      "1: mov x8, %[tag]\n\t"                                                  \
      "mov x10, %[target]\n\t" trap                                            \
      "\n\t"                                                                   \
      "subs %[times], %[times], #1\n\t"                                        \
      "b.ne 1b"                                                                \
      : [times] "+r"(times), "+r"(x9)                                          \
      : [tag] "i"(kTag), [target] "i"(kTarget)                                 \
      : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x10", "memory", \
        "cc")
  if constexpr (kTraps) {
    TINE_TRAP_LOOP("svc #0");
  } else {
    TINE_TRAP_LOOP("nop");
  }
#undef TINE_TRAP_LOOP
  return x9;
}

}  // namespace tine::bench

#endif  // TESTS_BENCH_AARCH64_TRAP_LOOP_H_
