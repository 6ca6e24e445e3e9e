#include "servers/process/namespace/pid_namespace.h"

#include "kernel/base/fault_site.h"
#include "servers/linux_abi/errno.h"

namespace tine::process {

using namespace linux_abi;

PidNamespaces::PidNamespaces(Heap& heap, u64 board, u32 records)
    : spaces_(heap, kMost),
      table_(pid_numbers_of(board, records)),
      capacity_(records) {}

i64 PidNamespaces::make(PidNamespace* outer, PidNamespace** made) {
  const u32 level = level_of(outer) + 1;
  if (level > kMostPidLevels || spaces_.live() == kMost) return -ENOSPC;
  PidNamespace* space = spaces_.make();
  if (space == nullptr) return -ENOMEM;
  u32 id = 1;
  while (by_id_[id] != nullptr) ++id;
  by_id_[id] = space;
  space->id = static_cast<u8>(id);
  space->level = level;
  space->outer = outer;
  hold(outer);
  *made = space;
  return 0;
}

void PidNamespaces::drop_one(PidNamespace& space) {
  --space.holders;
  free_if_unused(space);
}

// At most as deep as namespaces are.
void PidNamespaces::free_if_unused(PidNamespace& space) {
  PidNamespace* at = &space;
  while (at != nullptr && at->holders == 0 && at->numbers == 0) {
    PidNamespace* outer = at->outer;
    by_id_[at->id] = nullptr;
    spaces_.free(at);
    if (outer != nullptr) --outer->holders;
    at = outer;
  }
}

// As alloc_pid() does it: upwards, and after the largest from where the numbers
// of daemons end. 0: none is free.
i32 PidNamespaces::next_number(PidNamespace& space) const {
  i32 number = space.last_number;
  for (i32 tried = 0; tried < kPidMax; ++tried) {
    number = number + 1 < kPidMax ? number + 1 : kFirstReusedPid;
    if (pid_of_number(table_, space.id, number) == 0) return number;
  }
  return 0;
}

i64 PidNamespaces::number_in(PidNamespace& space, Pid pid, i32 wanted) {
  i32 number = wanted;
  if (number == 0) {
    number = next_number(space);
    if (number == 0) return -EAGAIN;
  } else if (pid_of_number(table_, space.id, number) != 0) {
    return -EEXIST;
  }
  if (FAULT_SITE("pid number")) return -ENOMEM;
  u32 index;
  if (free_ != 0) {
    index = free_ - 1;
    free_ = table_.numbers()[index].next_of_pid;
  } else {
    if (ever_used_ == capacity_) return -ENOMEM;
    index = ever_used_++;
  }
  u32& of_pid = table_.of_pid[PidNumberTable::bucket_of_pid(pid.value)];
  u32& of_number =
      table_.of_number[PidNumberTable::bucket_of_number(space.id, number)];
  table_.numbers()[index] = {.pid = pid.value,
                             .number = number,
                             .next_of_pid = of_pid,
                             .next_of_number = of_number,
                             .space = space.id,
                             .level = static_cast<u8>(space.level)};
  of_pid = of_number = index + 1;
  ++used_;
  ++space.numbers;
  if (wanted == 0) space.last_number = number;
  return 0;
}

i64 PidNamespaces::number(Pid pid, PidNamespace* space,
                          const WantedNumbers& wanted) {
  for (PidNamespace* at = space; at != nullptr; at = at->outer) {
    const i64 error = number_in(*at, pid, wanted.at(at->level, space));
    if (error != 0) {
      forget_numbers(pid);
      return error;
    }
  }
  // Only now, as alloc_pid() does: nobody is born where process 1 has died.
  if (space != nullptr && space->is_ending) {
    forget_numbers(pid);
    return -ENOMEM;
  }
  return 0;
}

// Out of its two lists, into that of the free ones.
void PidNamespaces::take_out(PidNumber& one) {
  PidNumber* const all = table_.numbers();
  const u32 place = static_cast<u32>(&one - all) + 1;
  u32* at = &table_.of_pid[PidNumberTable::bucket_of_pid(one.pid)];
  while (*at != place) at = &all[*at - 1].next_of_pid;
  *at = one.next_of_pid;
  at = &table_
            .of_number[PidNumberTable::bucket_of_number(one.space, one.number)];
  while (*at != place) at = &all[*at - 1].next_of_number;
  *at = one.next_of_number;
  one = {};
  one.next_of_pid = free_;
  free_ = place;
  --used_;
}

void PidNamespaces::forget_numbers(Pid pid) {
  u32 at = table_.of_pid[PidNumberTable::bucket_of_pid(pid.value)];
  while (at != 0) {
    PidNumber& one = table_.numbers()[at - 1];
    at = one.next_of_pid;
    if (one.pid != pid.value) continue;
    PidNamespace& space = *by_id_[one.space];
    // A clone that was undone leaves no trace.
    if (one.number == space.last_number && space.init == nullptr) {
      --space.last_number;
    }
    take_out(one);
    --space.numbers;
    if (space.is_ending && space.numbers == space.last_numbers &&
        space.numbers != 0) {
      space.next_emptied = emptied_;
      emptied_ = &space;
    }
    free_if_unused(space);
  }
}

}  // namespace tine::process
