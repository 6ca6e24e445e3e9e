#include "kernel/trap.h"

#include "arch/hw/cpu.h"
#include "kernel/debug.h"
#include "kernel/interrupt.h"
#include "kernel/kernel_lock.h"
#include "kernel/memory/space.h"
#include "kernel/native_call.h"
#include "kernel/redirect.h"
#include "kernel/thread/scheduler.h"

namespace tine {

TINE_FROM_ENTRY Thread* trap_syscall(Thread& current) {
  KernelLockHold hold;
  ++counters.entries;
  PerCpu& cpu = hw::this_cpu();
  if (current.kind == ThreadKind::kManaged) {
    return redirect_syscall(cpu, current);
  }
  return native_call(cpu, current);
}

Thread* trap_page_fault(Thread& current, VirtAddr address, Access access) {
  KernelLockHold hold;
  ++counters.entries;
  PerCpu& cpu = hw::this_cpu();
  if (current.kind == ThreadKind::kServer) [[unlikely]] {
    return server_fault(cpu, current, ExceptionKind::kBadAddress, address);
  }
  if (space_resolve(*current.space, address, access) == Status::kOk)
      [[likely]] {
    ++counters.faults;
    return &current;
  }
  return redirect_fault(cpu, current, address, access);
}

Thread* trap_exception(Thread& current, ExceptionKind kind, VirtAddr address) {
  KernelLockHold hold;
  ++counters.entries;
  PerCpu& cpu = hw::this_cpu();
  if (current.kind == ThreadKind::kServer) {
    return server_fault(cpu, current, kind, address);
  }
  return redirect_exception(cpu, current, kind, address);
}

Thread* trap_interrupt(Thread& current, u32 line) {
  KernelLockHold hold;
  ++counters.entries;
  PerCpu& cpu = hw::this_cpu();
  handle_interrupt(cpu, line);
  return reschedule(cpu, current);
}

}  // namespace tine
