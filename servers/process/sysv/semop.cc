// Operations on semaphores, and waiting for them.
#include "servers/linux_abi/errno.h"
#include "servers/process/sysv/semaphores.h"

namespace tine::process::sysv {

using namespace linux_abi;

namespace {

bool is_to_be_undone(const SemaphoreOperation& operation) {
  return (operation.flags & kSemUndo) != 0;
}

bool changes_any(const SemaphoreOperation* operations, u32 count) {
  for (u32 i = 0; i < count; ++i) {
    if (operations[i].change != 0) return true;
  }
  return false;
}

}  // namespace

// All of them or none. 0, -ERANGE, -EAGAIN for one that may not wait, or
// kWaits (perform_atomic_semop).
i64 Semaphores::perform(SemaphoreSet& set, const SemaphoreOperation* operations,
                        u32 count, SemaphoreUndo* undo, i32 pid,
                        u32* blocking) {
  i64 result = 0;
  u32 done = 0;
  for (; done < count; ++done) {
    const SemaphoreOperation& operation = operations[done];
    Semaphore& semaphore = set.semaphores[operation.number];
    const i32 value = semaphore.value + operation.change;
    if ((operation.change == 0 && semaphore.value != 0) || value < 0) {
      *blocking = done;
      const bool may_wait = (operation.flags & i32{kIpcNoWait}) == 0;
      result = may_wait ? kWaits : -EAGAIN;
      break;
    }
    if (value > kMostSemaphoreValue) {
      result = -ERANGE;
      break;
    }
    if (is_to_be_undone(operation)) {
      const i32 adjustment =
          undo->adjustments[operation.number] - operation.change;
      if (adjustment < -kMostSemaphoreValue - 1 ||
          adjustment > kMostSemaphoreValue) {
        result = -ERANGE;
        break;
      }
      undo->adjustments[operation.number] = static_cast<i16>(adjustment);
    }
    semaphore.value = value;
  }
  if (result == 0) {
    for (u32 i = 0; i < count; ++i) {
      set.semaphores[operations[i].number].pid = pid;
    }
    return 0;
  }
  while (done-- > 0) {
    const SemaphoreOperation& operation = operations[done];
    set.semaphores[operation.number].value -= operation.change;
    if (is_to_be_undone(operation)) {
      i16& adjustment = undo->adjustments[operation.number];
      adjustment = static_cast<i16>(adjustment + operation.change);
    }
  }
  return result;
}

// do_semtimedop(), from where the arguments are read.
i64 Semaphores::operate(const SemaphoreCall& call) {
  Task& task = call.task;
  u32 highest = 0;
  bool has_undo = false;
  for (u32 i = 0; i < call.count; ++i) {
    const SemaphoreOperation& operation = call.operations[i];
    if (operation.number > highest) highest = operation.number;
    has_undo = has_undo || is_to_be_undone(operation);
  }
  SemaphoreSet* set = find(call.id);
  if (set == nullptr) return -EINVAL;
  if (highest >= set->count) return -EFBIG;
  const bool changes = changes_any(call.operations, call.count);
  if (!may_use(task, *set, changes ? 0222 : 0444)) {
    return -EACCES;
  }
  SemaphoreUndo* undo = nullptr;
  if (has_undo) {
    undo = find_or_make_undo(task, *set);
    if (undo == nullptr) return -ENOMEM;
  }
  u32 blocking = 0;
  const i64 result = perform(*set, call.operations, call.count, undo,
                             pid_of(task).value, &blocking);
  if (result == 0) {
    set->operated = call.now;
    if (changes) update(*set, call.now);
  }
  if (result != kWaits) return result;
  void* block = blocks_.take(call.count * sizeof(SemaphoreOperation));
  if (block == nullptr) return -ENOMEM;
  auto* operations = static_cast<SemaphoreOperation*>(block);
  for (u32 i = 0; i < call.count; ++i) operations[i] = call.operations[i];
  task.ipc.semaphore = {set, operations, call.count, blocking};
  set->waiters.add(task);
  return kWaits;
}

void Semaphores::leave(Task& task) {
  SemaphoreWait& wait = task.ipc.semaphore;
  wait.set->waiters.remove(task);
  blocks_.give(wait.operations);
}

// Those that wait for zero go first, the others in the order in which they
// came; after each change all are looked at again.
void Semaphores::update(SemaphoreSet& set, u64 now) {
  bool again = true;
  while (again) {
    again = false;
    for (const bool changing : {false, true}) {
      Task* next;
      for (Task* task = set.waiters.first(); task != nullptr && !again;
           task = next) {
        next = task->ipc.next;
        SemaphoreWait& wait = task->ipc.semaphore;
        if (changes_any(wait.operations, wait.count) != changing) continue;
        const i64 result =
            perform(set, wait.operations, wait.count, find_undo(*task, set),
                    pid_of(*task).value, &wait.blocking);
        if (result == kWaits) continue;
        again = changing && result == 0;
        if (result == 0) set.operated = now;
        tasks_.wake(*task, result);
      }
    }
  }
}

void Semaphores::set_value(SemaphoreSet& set, u32 number, i32 value, i32 pid) {
  for (SemaphoreUndo* undo = set.undos; undo != nullptr;
       undo = undo->next_of_set) {
    undo->adjustments[number] = 0;
  }
  set.semaphores[number] = {value, pid};
}

i64 Semaphores::waiting(const SemaphoreSet& set, u32 number, bool for_zero) {
  i64 count = 0;
  for (const Task* task = set.waiters.first(); task != nullptr;
       task = task->ipc.next) {
    const SemaphoreWait& wait = task->ipc.semaphore;
    const SemaphoreOperation& operation = wait.operations[wait.blocking];
    if (operation.number == number && (operation.change == 0) == for_zero) {
      ++count;
    }
  }
  return count;
}

}  // namespace tine::process::sysv
