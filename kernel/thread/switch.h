// Making a thread the current one of a CPU.
#ifndef KERNEL_THREAD_SWITCH_H_
#define KERNEL_THREAD_SWITCH_H_

#include "kernel/memory/space.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

// Saves the FP and TLS registers of whoever they belong to, loads `thread`'s;
// CPU time is its own from here on.
void change_user_state_owner(PerCpu& cpu, Thread& thread);

// Brings `thread.user_state` up to date while the registers stay live.
void spill_user_state(Thread& thread);
// The registers' content is of no use any more: `thread.user_state` counts.
void forget_user_state(Thread& thread);

// Servers use neither FP nor TLS registers (A11): their space is all to load.
[[gnu::always_inline]] inline Thread* switch_to_server(PerCpu& cpu,
                                                       Thread& server) {
  Space* space = server.space;
  if (cpu.loaded_space != space) [[likely]] {
    space_load(*space);
    cpu.loaded_space = space;
  }
  cpu.current = &server;
  return &server;
}

// Any thread; the user state is loaded if another managed thread's is.
[[gnu::always_inline]] inline Thread* switch_to(PerCpu& cpu, Thread& thread) {
  if (thread.kind == ThreadKind::kManaged && cpu.user_state_owner != &thread)
      [[unlikely]] {
    change_user_state_owner(cpu, thread);
  }
  return switch_to_server(cpu, thread);
}

}  // namespace tine

#endif  // KERNEL_THREAD_SWITCH_H_
