#include "arch/sim/reset_kernel.h"

#include <new>

#include "arch/hw/debug_unit.h"
#include "kernel/base/fault_site.h"
#include "kernel/interrupt.h"
#include "kernel/kernel_lock.h"
#include "kernel/memory/teardown.h"
#include "kernel/object/objects.h"
#include "kernel/thread/breakpoints.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread_table.h"
#include "kernel/thread/timer_queue.h"
#include "kernel/trace.h"

namespace tine::sim {
namespace {

// In place: some of these cannot be assigned.
template <typename T, typename... Arguments>
void renew(T& object, Arguments... arguments) {
  new (&object) T(arguments...);
}

}  // namespace

void reset_kernel() {
  // The old machine's memory is still there: timers lie in it.
  timer_queue_expire(kNever);
  fault_injection.arm(0);
  // The run may have ended inside the kernel.
  renew(kernel_lock, LockRank::kKernel);
  renew(space_slab);
  renew(endpoint_slab);
  renew(notification_slab);
  renew(route_slab);
  renew(thread_table);
  renew(breakpoints_slab);
  hw::clear_debug_registers();
  renew(run_queue);
  for (PerCpu& cpu : per_cpu) renew(cpu);
  renew(trace_ring);
  renew(uart_interrupt);
  teardown_reset();
  // ASIDs of this machine mean nothing to the next one's TLB.
  ++asid_generation;
}

}  // namespace tine::sim
