#include "kernel/thread/scheduler.h"

#include <bit>

#include "arch/hw/cpu.h"
#include "arch/hw/timer.h"
#include "kernel/interrupt.h"
#include "kernel/kernel_lock.h"
#include "kernel/thread/cpu_time.h"
#include "kernel/thread/timer_queue.h"

namespace tine {
namespace {

// Some thread is ready.
Thread& take_best() {
  const u32 priority = kPriorities - 1 -
                       static_cast<u32>(std::countl_zero(run_queue.ready_mask));
  // NOLINTNEXTLINE(clang-analyzer-security.ArrayBound): the mask is not 0
  ThreadQueue& queue = run_queue.ready[priority];
  Thread& thread = queue.pop_front();
  if (queue.empty()) run_queue.ready_mask &= ~(u32{1} << priority);
  return thread;
}

void start_slice(PerCpu& cpu, Thread& thread) {
  cpu.slice_thread = &thread;
  cpu.slice_over = false;
  cpu.slice_end = hw::now_ns() + kSliceNs;
  arm_timer(cpu, cpu.slice_end);
}

// Nothing is ready: gives back memory, then sleeps until an interrupt.
void idle(PerCpu& cpu) {
  cpu.idle = true;
  pause_cpu_time(cpu);
  cpu.slice_end = kNever;
  cpu.slice_thread = nullptr;
  cpu.slice_over = false;
  while (run_queue.ready_mask == 0) {
    if (teardown_run(1)) continue;
    unlock_kernel();
    const u32 line = hw::wait_for_interrupt();
    lock_kernel();
    handle_interrupt(cpu, line);
  }
  cpu.idle = false;
  resume_cpu_time(cpu);
}

}  // namespace

Thread* run_next(PerCpu& cpu) {
  if (run_queue.ready_mask == 0) idle(cpu);
  Thread* thread = &take_best();
  if (thread->kind == ThreadKind::kManaged &&
      (cpu.slice_thread != thread || cpu.slice_over)) {
    // Its slice ended while servers ran and it was first in its queue.
    if (cpu.slice_thread == thread) {
      make_ready(*thread);
      thread = &take_best();
    }
    start_slice(cpu, *thread);
  }
  return switch_to(cpu, *thread);
}

Thread* yield_answered(PerCpu& cpu, Thread& thread) {
  if (cpu.slice_over && thread.kind == ThreadKind::kManaged) {
    make_ready(thread);
  } else if (ready_above(thread.priority)) {
    make_ready_first(thread);
  } else {
    return switch_to(cpu, thread);
  }
  return run_next(cpu);
}

Thread* reschedule(PerCpu& cpu, Thread& current) {
  // Servers run to completion; the end of the slice acts at their answer.
  if (current.kind == ThreadKind::kServer) return &current;
  if (cpu.slice_over) {
    make_ready(current);
    return run_next(cpu);
  }
  if (!ready_above(current.priority)) return &current;
  make_ready_first(current);
  return run_next(cpu);
}

void arm_timer(PerCpu& cpu, u64 deadline) {
  if (deadline >= cpu.timer_deadline) return;
  cpu.timer_deadline = deadline;
  hw::timer_set(deadline);
}

void timer_interrupt(PerCpu& cpu) {
  const u64 now = hw::now_ns();
  if (!cpu.idle) sample_cpu_time(cpu);
  cpu.timer_deadline = kNever;
  timer_queue_expire(now);
  if (now >= cpu.slice_end) {
    cpu.slice_over = true;
    cpu.slice_end = kNever;
  }
  const u64 next = timer_queue_next();
  arm_timer(cpu, next < cpu.slice_end ? next : cpu.slice_end);
}

}  // namespace tine
