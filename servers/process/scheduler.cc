#include "servers/process/scheduler.h"

#include "servers/process/mm_table.h"

namespace tine::process {

void Scheduler::apply(const Task& task) {
  board_.show_priority(task);
  if (task.state != TaskState::kLive) return;
  const Turn turn = turn_of(task);
  deferred_.add(OpCode::kThreadPriority, thread_handle(task), turn.priority,
                turn.slice_ns);
}

void Scheduler::schedule(Task& task) {
  apply(task);
  if (task.wait == Wait::kFutexPi) [[unlikely]]
    boost(*task.futex.owner);
}

// rt_mutex_adjust_prio_chain(): ends, as nobody waits for himself.
void Scheduler::boost(Task& first) {
  for (Task* owner = &first;; owner = owner->futex.owner) {
    i32 best = 0;
    for (const Task* waiter = owner->pi_waiters; waiter != nullptr;
         waiter = waiter->futex.next_waiter) {
      const i32 priority = rt_priority_of(*waiter);
      if (priority > best) best = priority;
    }
    if (best == owner->boost) return;
    const i32 before = rt_priority_of(*owner);
    owner->boost = best;
    if (rt_priority_of(*owner) == before) return;
    apply(*owner);
    if (owner->wait != Wait::kFutexPi) return;
  }
}

void Scheduler::begin_inheritance(Task& waiter, Task& owner) {
  waiter.futex.owner = &owner;
  waiter.futex.previous_waiter = nullptr;
  waiter.futex.next_waiter = owner.pi_waiters;
  if (owner.pi_waiters != nullptr) {
    owner.pi_waiters->futex.previous_waiter = &waiter;
  }
  owner.pi_waiters = &waiter;
  if (rt_priority_of(waiter) > owner.boost) boost(owner);
}

void Scheduler::end_inheritance(Task& waiter) {
  Task& owner = *waiter.futex.owner;
  Task* const next = waiter.futex.next_waiter;
  Task* const previous = waiter.futex.previous_waiter;
  (previous != nullptr ? previous->futex.next_waiter : owner.pi_waiters) = next;
  if (next != nullptr) next->futex.previous_waiter = previous;
  if (rt_priority_of(waiter) == owner.boost && owner.boost != 0) boost(owner);
}

}  // namespace tine::process
