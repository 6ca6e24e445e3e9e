// Entrances from the architecture's trap code into the kernel.
//
// Entry code saves the user's registers into the current thread's frame, calls
// one of these on the CPU's kernel stack with interrupts off, and resumes the
// thread that is returned: its space and user state are loaded by then.
#ifndef KERNEL_TRAP_H_
#define KERNEL_TRAP_H_

#include "arch/hw/debug_registers.h"
#include "arch/hw/register_message.h"
#include "kernel/abi/message.h"
#include "kernel/base/address.h"
#include "kernel/thread/thread.h"

namespace tine {

// The system call instruction. A managed thread's registers are all in its
// frame as well; a server's message is in the parameters alone.
TINE_BY_REGISTERS Thread* trap_system_call(TINE_MESSAGE_PARAMETERS) asm(
    "trap_system_call");
TINE_BY_REGISTERS Thread* trap_native_call(TINE_MESSAGE_PARAMETERS) asm(
    "trap_native_call");

// A page fault of user mode. `address` is untrusted and may be any 64 bits.
TINE_BY_REGISTERS Thread* trap_page_fault(Thread& current, VirtAddr address,
                                          Access access);

// Any other synchronous exception of user mode.
Thread* trap_exception(Thread& current, ExceptionKind kind, VirtAddr address);

// A device interrupt, already acknowledged and masked by the architecture;
// kTimerLine stands for the CPU's own timer. Also from user mode only: idle
// waits in hw::wait_for_interrupt().
Thread* trap_interrupt(Thread& current, u32 line);
inline constexpr u32 kTimerLine = ~u32{0};

// A thread that was made to come back (hw::set_comes_back) has done so, before
// it executed an instruction.
Thread* trap_comes_back(Thread& thread) asm("trap_comes_back");

// A breakpoint or watchpoint was met in user mode. What `current` has of them;
// null: it has none there, nothing has happened to it.
const hw::DebugRegisters* trap_breakpoint(Thread& current);

// Prints registers, a backtrace and the last trace records, ends the run with
// status 125. `frame` may be null.
[[noreturn]] void panic(const char* what, const hw::TrapFrame* frame = nullptr);

}  // namespace tine

#endif  // KERNEL_TRAP_H_
