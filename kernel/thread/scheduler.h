// Who runs next: 32 priorities, round robin with time slices for managed
// threads. Servers have the upper priorities and run to completion on the slice
// of the thread that called them (A20).
//
// The running thread is in no queue. A message or an answer hands the CPU over
// directly; the queues are for all others that are ready.
#ifndef KERNEL_THREAD_SCHEDULER_H_
#define KERNEL_THREAD_SCHEDULER_H_

#include "kernel/thread/switch.h"
#include "kernel/thread/thread_queue.h"

namespace tine {

inline constexpr u64 kSliceNs = 4'000'000;

struct RunQueue {
  u32 ready_mask = 0;  // bit p: ready[p] is not empty
  ThreadQueue ready[kPriorities];
};
inline constinit RunQueue run_queue;

// Makes a thread ready, behind or before those of its priority.
inline void make_ready(Thread& thread) {
  thread.state = ThreadState::kReady;
  run_queue.ready[thread.priority].push_back(thread);
  run_queue.ready_mask |= u32{1} << thread.priority;
}
inline void make_ready_first(Thread& thread) {
  thread.state = ThreadState::kReady;
  run_queue.ready[thread.priority].push_front(thread);
  run_queue.ready_mask |= u32{1} << thread.priority;
}
inline void remove_ready(Thread& thread) {
  ThreadQueue& queue = run_queue.ready[thread.priority];
  queue.remove(thread);
  if (queue.empty()) run_queue.ready_mask &= ~(u32{1} << thread.priority);
}

inline bool ready_above(u8 priority) {
  return u64{run_queue.ready_mask} >> (priority + 1u) != 0;
}

// The current thread waits: takes the best ready thread, idling until there is
// one.
Thread* run_next(PerCpu& cpu);

// An answered thread goes on at once unless its slice is over or a better one
// is ready.
Thread* yield_answered(PerCpu& cpu, Thread& thread);
inline Thread* run_answered(PerCpu& cpu, Thread& thread) {
  if (cpu.slice_over || ready_above(thread.priority)) [[unlikely]] {
    return yield_answered(cpu, thread);
  }
  return switch_to(cpu, thread);
}

// After an interrupt of `current`: it, or who takes its place.
Thread* reschedule(PerCpu& cpu, Thread& current);

// The CPU's timer has fired.
void timer_interrupt(PerCpu& cpu);
// Sees to it that the timer fires at `deadline` or before.
void arm_timer(PerCpu& cpu, u64 deadline);

}  // namespace tine

#endif  // KERNEL_THREAD_SCHEDULER_H_
