// State of one CPU. Entry code reads the first fields by fixed offset.
#ifndef KERNEL_THREAD_PER_CPU_H_
#define KERNEL_THREAD_PER_CPU_H_

#include <cstddef>

#include "kernel/base/lock_rank.h"
#include "kernel/thread/thread.h"

namespace tine {

inline constexpr u64 kNever = ~u64{0};  // a deadline that is not set

struct PerCpu {
  PerCpu* self = nullptr;     // offset 0
  Thread* current = nullptr;  // offset 8: also the address of its frame
  u64 kernel_stack_top = 0;   // offset 16
  u64 scratch = 0;            // offset 24: entry code's own
  // The thread whose FP and TLS registers are live in the CPU (A11); they stay
  // there while servers run and are spilled when another managed thread comes.
  Thread* user_state_owner = nullptr;
  // Whose breakpoints are in the CPU (breakpoints.h); null: none act.
  Thread* breakpoints_owner = nullptr;
  Space* loaded_space = nullptr;      // whose tables the CPU walks; null: none
  const u64* stack_canary = nullptr;  // lowest word of the stack (panic.h)
  u32 id = 0;
  HeldLocks held_locks;
  bool idle = false;

  // Time slices. `slice_over` is set while a server runs on the slice of a
  // managed thread, and acts when that thread is answered (A20).
  bool slice_over = false;
  Thread* slice_thread = nullptr;
  u64 slice_end = kNever;       // ns
  u64 timer_deadline = kNever;  // what the CPU's timer is set to, ns

  // Whose CPU time passes, and from when on it is not charged yet
  // (cpu_time.h). Null: nobody's.
  Thread* time_owner = nullptr;
  u64 time_since = 0;  // ns
};
static_assert(offsetof(PerCpu, current) == 8);
static_assert(offsetof(PerCpu, kernel_stack_top) == 16);
static_assert(offsetof(PerCpu, scratch) == 24);

inline constexpr unsigned kMaxCpus = 8;
// CPUs that run the kernel; the others stay where the firmware parked them.
inline constexpr unsigned kRunningCpus = 1;
extern PerCpu per_cpu[kMaxCpus];

}  // namespace tine

#endif  // KERNEL_THREAD_PER_CPU_H_
