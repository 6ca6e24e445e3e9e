// Who runs next: the best priority; round robin among its threads, each with
// time slices of its own length, which are what shares of the CPU are made of.
// Servers have the upper priorities and run to completion on the slice of the
// thread that called them (A20).
//
// A thread whose slice is over goes behind the others; by what it ran too long,
// because the timer came late or a server worked for it, its next ones are
// shorter. One that a better thread takes over from stays before the others and
// has the rest of its slice. One without slices keeps its turn until it waits.
// What any of this means to programs, the process server knows.
//
// The running thread is in no queue. A message or an answer hands the CPU over
// directly; the queues are for all others that are ready.
#ifndef KERNEL_THREAD_SCHEDULER_H_
#define KERNEL_THREAD_SCHEDULER_H_

#include <bit>

#include "kernel/thread/switch.h"
#include "kernel/thread/thread_queue.h"

namespace tine {

struct RunQueue {
  u64 ready_mask[kPriorities / 64] = {};  // bit p: ready[p] is not empty
  u32 ready_end = 0;  // the best priority that is ready and 1; 0: none
  ThreadQueue ready[kPriorities];
};
inline constinit RunQueue run_queue;

inline void mark_ready(u32 priority) {
  run_queue.ready_mask[priority / 64] |= u64{1} << priority % 64;
  if (run_queue.ready_end <= priority) run_queue.ready_end = priority + 1;
}
inline void mark_empty(u32 priority) {
  u64* mask = run_queue.ready_mask;
  static_assert(kPriorities == 2 * 64);
  mask[priority / 64] &= ~(u64{1} << priority % 64);
  run_queue.ready_end = static_cast<u32>(
      mask[1] != 0 ? 64 + std::bit_width(mask[1]) : std::bit_width(mask[0]));
}

// Makes a thread ready, behind or before those of its priority.
inline void make_ready(Thread& thread) {
  thread.state = ThreadState::kReady;
  run_queue.ready[thread.priority].push_back(thread);
  mark_ready(thread.priority);
}
inline void make_ready_first(Thread& thread) {
  thread.state = ThreadState::kReady;
  run_queue.ready[thread.priority].push_front(thread);
  mark_ready(thread.priority);
}
inline void remove_ready(Thread& thread) {
  ThreadQueue& queue = run_queue.ready[thread.priority];
  queue.remove(thread);
  if (queue.empty()) mark_empty(thread.priority);
}

inline bool ready_above(u8 priority) {
  return run_queue.ready_end > priority + 1u;
}

// The current thread waits: takes the best ready thread, idling until there is
// one.
Thread* run_next(PerCpu& cpu);

// An answered thread goes on at once unless its slice is over or a better one
// is ready.
inline bool goes_on_at_once(const PerCpu& cpu, const Thread& thread) {
  return !cpu.slice_over && !ready_above(thread.priority);
}
Thread* run_answered(PerCpu& cpu, Thread& thread);

// After an interrupt of `current`: it, or who takes its place.
Thread* reschedule(PerCpu& cpu, Thread& current);

// The thread goes away.
void forget_slice(Thread& thread);

// The CPU's timer has fired.
void timer_interrupt(PerCpu& cpu);
// Sees to it that the timer fires at `deadline` or before.
void arm_timer(PerCpu& cpu, u64 deadline);

}  // namespace tine

#endif  // KERNEL_THREAD_SCHEDULER_H_
