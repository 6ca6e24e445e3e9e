// Making a thread the current one of a CPU.
#ifndef KERNEL_THREAD_SWITCH_H_
#define KERNEL_THREAD_SWITCH_H_

#include "arch/hw/copy_page.h"
#include "arch/hw/register_message.h"
#include "kernel/memory/space.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

// Structures of arrays: the compiler would call memcpy for them.
template <typename T>
inline void copy_whole(T& to, const T& from) {
  hw::copy_bytes(reinterpret_cast<u8*>(&to), reinterpret_cast<const u8*>(&from),
                 sizeof(T));
}

// The user state of a thread, from the registers if they are its own.
void copy_user_state(hw::UserState& to, const Thread& thread);
// The registers' content is of no use any more: `thread.user_state` counts.
void forget_user_state(Thread& thread);

// `thread` runs next: its space is loaded, and its user state if another
// managed thread's is. Servers use neither FP nor TLS registers (A11).
Thread* switch_to(PerCpu& cpu, Thread& thread);

// What follows is for the paths that must be short: nothing is called but at
// their ends.

// Loads the thread's space, unless that needs an ASID.
[[gnu::always_inline]] inline bool load_quickly(PerCpu& cpu, Thread& thread) {
  Space& space = *thread.space;
  if (space.asid_generation != asid_generation) [[unlikely]]
    return false;
  hw::load_space(space.translation_base);
  cpu.loaded_space = &space;
  cpu.current = &thread;
  return true;
}

// switch_to() a managed thread whose user state is live, as a rule.
[[gnu::always_inline]] inline Thread* switch_to_owner(PerCpu& cpu,
                                                      Thread& thread) {
  if (cpu.user_state_owner != &thread || !load_quickly(cpu, thread))
      [[unlikely]] {
    return switch_to(cpu, thread);
  }
  return &thread;
}

inline void store_message(TINE_MESSAGE_PARAMETERS) {
  thread->frame.message = {
      {w0, w1, w2, w3, w4, w5, w6, w7}, tag, token, target};
}

// switch_to() a server, which gets this message.
TINE_BY_REGISTERS Thread* resume_server_by_frame(TINE_MESSAGE_PARAMETERS);
[[gnu::always_inline]] inline Thread* resume_server(PerCpu& cpu,
                                                    TINE_MESSAGE_PARAMETERS) {
  if (!load_quickly(cpu, *thread)) [[unlikely]]
    return resume_server_by_frame(TINE_MESSAGE);
  return hw::resume_with_message(TINE_MESSAGE);
}

}  // namespace tine

#endif  // KERNEL_THREAD_SWITCH_H_
