// Hardware breakpoints and watchpoints of managed threads.
//
// A thread has its own, in its address space: clones begin without, exec drops
// them. Hardly any thread has some, so that neither a switch nor a copy nor the
// end of a thread looks for them. One that does is made to come back when it
// runs (hw::set_comes_back), and then its own go into the CPU. There they stay,
// whoever runs next, until another thread's take their place, or until another
// thread meets one. That means nothing to it: no breakpoint acts any more, and
// the thread that they belong to comes back once more.
#ifndef KERNEL_THREAD_BREAKPOINTS_H_
#define KERNEL_THREAD_BREAKPOINTS_H_

#include "arch/hw/debug_registers.h"
#include "kernel/abi/batch.h"
#include "kernel/object/slab.h"
#include "kernel/thread/per_cpu.h"
#include "kernel/thread/thread.h"

namespace tine {

// A record is made when a thread first needs one, and is that slot's for good.
struct Breakpoints {
  Object object;
  // Which thread of those that the slot was: the others have none. 0: nobody.
  u64 life;
  hw::DebugRegisters registers;
};
static_assert(sizeof(hw::DebugRegisters) <= sizeof(Utcb::user_state));

inline constinit ObjectSlab<Breakpoints, ObjectType::kBreakpoints>
    breakpoints_slab;

inline u64 life_of(const Thread& thread) {
  return u64{thread.object.generation} + 1;
}
inline bool has_breakpoints(const Thread& thread) {
  return thread.breakpoints != nullptr &&
         thread.breakpoints->life == life_of(thread);
}

// False: the pool is spent. Otherwise they can be set.
[[nodiscard]] bool claim_breakpoints(Thread& thread);
// The thread stands still.
void set_breakpoints(Thread& thread, const hw::DebugRegisters& registers);
void get_breakpoints(hw::DebugRegisters& registers, const Thread& thread);
void drop_breakpoints(Thread& thread);

// The thread has come back: its own act from here on.
void load_breakpoints(PerCpu& cpu, Thread& thread);
// The thread has met a breakpoint. Null: it was not its own.
const hw::DebugRegisters* own_breakpoints(PerCpu& cpu, Thread& thread);

}  // namespace tine

#endif  // KERNEL_THREAD_BREAKPOINTS_H_
