#include "kernel/trap.h"

#include "arch/hw/cpu.h"
#include "kernel/interrupt.h"
#include "kernel/kernel_lock.h"
#include "kernel/memory/space.h"
#include "kernel/redirect.h"
#include "kernel/thread/breakpoints.h"
#include "kernel/thread/scheduler.h"

namespace tine {

TINE_BY_REGISTERS Thread* trap_page_fault(Thread& current, VirtAddr address,
                                          Access access) {
  KernelLockHold hold;
  PerCpu& cpu = hw::this_cpu();
  if (current.kind == ThreadKind::kServer) [[unlikely]] {
    return server_fault(cpu, current, ExceptionKind::kBadAddress, address);
  }
  if (space_resolve(*current.space, address, access) == Status::kOk)
      [[likely]] {
    return &current;
  }
  return redirect_fault(cpu, current, address, access);
}

Thread* trap_exception(Thread& current, ExceptionKind kind, VirtAddr address) {
  KernelLockHold hold;
  PerCpu& cpu = hw::this_cpu();
  if (current.kind == ThreadKind::kServer) {
    return server_fault(cpu, current, kind, address);
  }
  return redirect_exception(cpu, current, kind, address);
}

Thread* trap_comes_back(Thread& thread) {
  KernelLockHold hold;
  hw::clear_comes_back(thread.frame);
  load_breakpoints(hw::this_cpu(), thread);
  return &thread;
}

const hw::DebugRegisters* trap_breakpoint(Thread& current) {
  KernelLockHold hold;
  return own_breakpoints(hw::this_cpu(), current);
}

Thread* trap_interrupt(Thread& current, u32 line) {
  KernelLockHold hold;
  PerCpu& cpu = hw::this_cpu();
  handle_interrupt(cpu, line);
  return reschedule(cpu, current);
}

}  // namespace tine
