#include "kernel/thread/scheduler.h"

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
  const u32 priority = run_queue.ready_end - 1;
  ThreadQueue& queue = run_queue.ready[priority];
  Thread& thread = queue.pop_front();
  if (queue.empty()) mark_empty(priority);
  return thread;
}

// So many threads that have run too long are passed over at a time.
constexpr u32 kMostPassed = 64;

// What the machine stood still beyond this is nobody's debt.
constexpr u64 kMostOverrunNs = 4 * kSliceNs;

// The thread whose turn it is. Some thread is ready.
Thread& take_turn() {
  for (u32 passed = 0;; ++passed) {
    Thread& thread = take_best();
    if (thread.slice_left_ns >= 0 || passed == kMostPassed ||
        run_queue.ready[thread.priority].empty()) [[likely]] {
      return thread;
    }
    if (thread.slice_left_ns + thread.slice_ns > 0) return thread;
    thread.slice_left_ns += thread.slice_ns;
    make_ready(thread);
  }
}

// Its slice is over: the others have their turn, if it is not to keep it.
void end_turn(PerCpu& cpu, Thread& thread) {
  if (thread.slice_ns == 0) {
    make_ready_first(thread);
    return;
  }
  // Charged once: what the thread is given meanwhile is not taken back if it is
  // the one whose turn it is again.
  if (cpu.slice_thread != nullptr) {
    const u64 overrun = hw::now_ns() - cpu.slice_end;
    thread.slice_left_ns =
        -static_cast<i64>(overrun < kMostOverrunNs ? overrun : kMostOverrunNs);
    cpu.slice_thread = nullptr;
  }
  make_ready(thread);
}

void start_slice(PerCpu& cpu, Thread& thread) {
  const u64 now = hw::now_ns();
  // Who is ready still has given way to a better one.
  if (Thread* before = cpu.slice_thread; before != nullptr &&
                                         before->state == ThreadState::kReady &&
                                         !cpu.slice_over) {
    before->slice_left_ns = static_cast<i64>(cpu.slice_end - now);
  }
  i64 length = thread.slice_left_ns;
  if (length <= 0) length += thread.slice_ns;
  if (length <= 0) length = thread.slice_ns != 0 ? thread.slice_ns : kSliceNs;
  thread.slice_left_ns = 0;
  cpu.slice_thread = &thread;
  cpu.slice_over = false;
  cpu.slice_end = now + static_cast<u64>(length);
  arm_timer(cpu, cpu.slice_end);
}

// Nothing is ready: gives back memory, then sleeps until an interrupt.
void idle(PerCpu& cpu) {
  cpu.idle = true;
  pause_cpu_time(cpu);
  cpu.slice_end = kNever;
  cpu.slice_thread = nullptr;
  cpu.slice_over = false;
  while (run_queue.ready_end == 0) {
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
  if (run_queue.ready_end == 0) idle(cpu);
  Thread* thread = &take_turn();
  if (thread->kind == ThreadKind::kManaged &&
      (cpu.slice_thread != thread || cpu.slice_over)) {
    // Its slice ended while servers ran and it was first in its queue.
    if (cpu.slice_thread == thread) {
      end_turn(cpu, *thread);
      thread = &take_turn();
    }
    start_slice(cpu, *thread);
  }
  return switch_to(cpu, *thread);
}

Thread* run_answered(PerCpu& cpu, Thread& thread) {
  if (cpu.slice_over && thread.kind == ThreadKind::kManaged) {
    end_turn(cpu, thread);
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
    end_turn(cpu, current);
    return run_next(cpu);
  }
  if (!ready_above(current.priority)) return &current;
  make_ready_first(current);
  return run_next(cpu);
}

void forget_slice(Thread& thread) {
  PerCpu& cpu = hw::this_cpu();
  if (cpu.slice_thread == &thread) cpu.slice_thread = nullptr;
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
  if (now >= cpu.slice_end) cpu.slice_over = true;
  const u64 next = timer_queue_next();
  arm_timer(cpu, cpu.slice_over || next < cpu.slice_end ? next : cpu.slice_end);
}

}  // namespace tine
