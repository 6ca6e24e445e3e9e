// A loop of kernel calls whose user part is known to the instruction.
#ifndef TESTS_BENCH_X86_64_TRAP_LOOP_H_
#define TESTS_BENCH_X86_64_TRAP_LOOP_H_

#include "kernel/base/types.h"

namespace tine::bench {

// getppid's number: what the programs of the benchmark call.
inline constexpr u64 kProgramCall = 110;

// Instructions of one turn, the trap among them.
inline constexpr u64 kTurnInstructions = 5;

// Under -icount shift=0 the time stamp counter counts instructions.
inline constexpr u64 kInstructionsPerTick = 1;
inline u64 ticks() { return __builtin_ia32_rdtsc(); }

// `times` kernel calls (at least one) with this tag and target, each with the
// words and the token that the one before left; returns the last token. With
// kTraps false a no-operation stands for the trap: the user part alone.
template <bool kTraps, u64 kTag, u64 kTarget>
u64 trap_loop(u64 times, u64 token) {
  register u64 r14 asm("r14") = token;
#define TINE_TRAP_LOOP(trap)                                                \
  asm volatile(                                                             \
      "1: mov %[tag], %%eax\n\t"                                            \
      "mov %[target], %%r15d\n\t" trap                                      \
      "\n\t"                                                                \
      "dec %[times]\n\t"                                                    \
      "jnz 1b"                                                              \
      : [times] "+b"(times), "+r"(r14)                                      \
      : [tag] "i"(kTag), [target] "i"(kTarget)                              \
      : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", \
        "r13", "r15", "memory", "cc")
  if constexpr (kTraps) {
    TINE_TRAP_LOOP("syscall");
  } else {
    TINE_TRAP_LOOP("nop");
  }
#undef TINE_TRAP_LOOP
  return r14;
}

}  // namespace tine::bench

#endif  // TESTS_BENCH_X86_64_TRAP_LOOP_H_
