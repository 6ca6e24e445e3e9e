// Policies and nice values as what the kernel knows: a priority and the length
// of a time slice.
#ifndef SERVERS_PROCESS_SCHEDULE_H_
#define SERVERS_PROCESS_SCHEDULE_H_

#include "kernel/abi/batch.h"
#include "servers/process/task.h"

namespace tine::process {

enum Policy : i32 {
  kSchedOther = 0,
  kSchedFifo = 1,
  kSchedRoundRobin = 2,
  kSchedBatch = 3,
  kSchedIdle = 5,
  kSchedDeadline = 6,
};
inline constexpr i32 kMostRtPriority = 99;
inline constexpr i32 kLeastNice = -20;
inline constexpr i32 kMostNice = 19;

constexpr bool is_real_time(i32 policy) {
  return policy == kSchedFifo || policy == kSchedRoundRobin;
}
// Nice values count.
constexpr bool is_normal(i32 policy) {
  return policy == kSchedOther || policy == kSchedBatch;
}
constexpr bool is_policy(i32 policy) {
  return is_normal(policy) || is_real_time(policy) || policy == kSchedIdle;
}

struct Turn {
  u8 priority;
  u64 slice_ns;  // 0: until it waits
};

// Shares of the CPU are lengths of slices: a step of nice is a factor of 1.25,
// and SCHED_IDLE has 3 parts where nice 0 has 1024 (Linux,
// sched_prio_to_weight, WEIGHT_IDLEPRIO).
constexpr Turn turn_of(i32 policy, i32 rt_priority, i32 nice) {
  constexpr u64 kRoundRobinNs = 100'000'000;  // RR_TIMESLICE
  if (is_real_time(policy)) {
    static_assert(kManagedPriority + kMostRtPriority < kServerPriority);
    return {static_cast<u8>(kManagedPriority + rt_priority),
            policy == kSchedFifo ? 0 : kRoundRobinNs};
  }
  if (policy == kSchedIdle) return {kManagedPriority, kSliceNs * 3 / 1024};
  u64 slice = kSliceNs;
  for (i32 i = 0; i < nice; ++i) slice = slice * 4 / 5;
  for (i32 i = 0; i > nice; --i) slice = slice * 5 / 4;
  return {kManagedPriority, slice};
}
static_assert(turn_of(kSchedOther, 0, kLeastNice).slice_ns <= ~u32{0});

constexpr Turn turn_of(const Inherited& its) {
  return turn_of(its.policy, its.rt_priority, its.nice);
}

// What it runs at: its own, or that of who waits for a lock that it has.
inline i32 rt_priority_of(const Task& task) {
  return task.boost > task.inherited.rt_priority ? task.boost
                                                 : task.inherited.rt_priority;
}

inline Turn turn_of(const Task& task) {
  if (task.boost <= task.inherited.rt_priority) return turn_of(task.inherited);
  const bool takes_turns = task.inherited.policy == kSchedRoundRobin;
  return turn_of(takes_turns ? kSchedRoundRobin : kSchedFifo, task.boost, 0);
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SCHEDULE_H_
