// futex: locks with priority inheritance. The word is 0 or the owner's tid,
// which programs write and take back by themselves as long as nobody waits.
// Who waits is in the table of futexes, and in the owner's list of those that
// wait for any of its locks: so nothing here needs memory.
//
// The lock is given to whoever runs at the highest priority, and until then its
// owner runs at that one, too (scheduler.h).
#include "servers/linux_abi/errno.h"
#include "servers/process/futex/futexes.h"

namespace tine::process {

using namespace linux_abi;

// Whether `task` would wait for itself, through others.
bool Futexes::is_circle(const Task& task, const Task* owner) {
  while (owner->wait == Wait::kFutexPi && owner != &task) {
    owner = owner->futex.owner;
  }
  return owner == &task;
}

// As the task's own namespace of pids numbers it.
u32 Futexes::tid_word(const Task& task) const {
  return static_cast<u32>(pids_.own_tid(task));
}

// First come among those of one priority.
Task* Futexes::top_waiter(const FutexKey& key) {
  Task* top = nullptr;
  table_.for_each(key, [&](const FutexWaiter& waiter) {
    if (top == nullptr || rt_priority_of(*waiter.task) > rt_priority_of(*top)) {
      top = waiter.task;
    }
    return true;
  });
  return top;
}

// futex_lock_pi_atomic(): 1: the lock is the task's. 0: it has an owner, and
// the word says that somebody waits. Else a negated errno.
i64 Futexes::acquire_pi(const Task& task, const FutexKey& key, u64 address,
                        bool has_waiters, Task** owner) {
  u32 word;
  if (user_.read(*task.mm, address, word) != 0) return -EFAULT;
  const u32 holder = word & kFutexTidMask;
  if (holder == tid_word(task)) return -EDEADLK;
  if (const Task* waiter = top_waiter(key); waiter != nullptr) {
    // All that wait there want the lock, and the word is not a forged one.
    if (waiter->wait != Wait::kFutexPi ||
        tid_word(*waiter->futex.owner) != holder) {
      return -EINVAL;
    }
    *owner = waiter->futex.owner;
    return 0;
  }
  if (holder == 0) {
    word = (word & kFutexOwnerDied) | tid_word(task) |
           (has_waiters ? kFutexWaiters : 0);
    const i64 error = user_.write(*task.mm, address, word);
    return error != 0 ? error : 1;
  }
  Task* found = pids_.find(task, static_cast<i32>(holder));
  if (found == nullptr || found->state != TaskState::kLive) return -ESRCH;
  *owner = found;
  return user_.write(*task.mm, address, word | kFutexWaiters);
}

i64 Futexes::read_timeout(const Task& task, u64 from, bool is_realtime,
                          u64* deadline_ns) {
  *deadline_ns = 0;
  if (from == 0) return 0;
  Timespec time;
  if (user_.read(*task.mm, from, time) != 0) return -EFAULT;
  if (!is_valid(time)) return -EINVAL;
  u64 deadline = to_ns(time);
  if (is_realtime) deadline = clock_.monotonic_at(deadline);
  *deadline_ns = deadline != 0 ? deadline : 1;
  return 0;
}

Outcome Futexes::lock_pi(const Call& call, u32 operation) {
  Task& task = call.task;
  const u64 address = call.argument(0);
  const u32 flags = call.uint_argument(1);
  const bool is_private = (flags & kFutexPrivate) != 0;
  const bool only_tries = operation == kFutexTryLockPi;
  u64 deadline = 0;
  i64 error = 0;
  if (!only_tries) {
    const bool is_realtime =
        operation == kFutexLockPi || (flags & kFutexClockRealtime) != 0;
    error = read_timeout(task, call.argument(3), is_realtime, &deadline);
  }
  FutexKey key;
  if (error == 0) {
    error = find_key(*task.mm, address, is_private, Access::kWrite, &key);
  }
  if (error != 0) return call.result(error);
  Task* owner = nullptr;
  const i64 result = acquire_pi(task, key, address, false, &owner);
  if (result != 0) return call.result(result == 1 ? 0 : result);
  if (only_tries) return call.result(-EAGAIN);
  if (is_circle(task, owner)) return call.result(-EDEADLK);
  task.futex = {.waiter = {.key = key, .task = &task},
                .address = address,
                .is_private = is_private};
  table_.add(task.futex.waiter);
  scheduler_.begin_inheritance(task, *owner);
  if (deadline != 0) waiting_.set_timeout(task, deadline);
  return waiting_.withhold(call, Wait::kFutexPi);
}

// The lock goes to whoever is to have it next, for whom all others wait from
// now on. On failure nothing has changed.
i64 Futexes::pass_pi_lock(const FutexKey& key, u32 flags) {
  Task& next = *top_waiter(key);
  const u32 word = kFutexWaiters | flags | tid_word(next);
  const i64 error = user_.write(*next.mm, next.futex.address, word);
  if (error != 0) return error;
  table_.for_each(key, [&](const FutexWaiter& waiter) {
    if (waiter.task == &next) return true;
    scheduler_.end_inheritance(*waiter.task);
    scheduler_.begin_inheritance(*waiter.task, next);
    return true;
  });
  waiting_.wake(next, 0);
  return 0;
}

i64 Futexes::unlock_pi(const Call& call) {
  Task& task = call.task;
  const u64 address = call.argument(0);
  const bool is_private = (call.uint_argument(1) & kFutexPrivate) != 0;
  u32 word;
  if (user_.read(*task.mm, address, word) != 0) return -EFAULT;
  if ((word & kFutexTidMask) != tid_word(task)) return -EPERM;
  FutexKey key;
  const i64 error =
      find_key(*task.mm, address, is_private, Access::kWrite, &key);
  if (error != 0) return error;
  const Task* waiter = top_waiter(key);
  if (waiter == nullptr) return user_.write(*task.mm, address, u32{0});
  if (waiter->wait != Wait::kFutexPi || waiter->futex.owner != &task) {
    return -EINVAL;
  }
  return pass_pi_lock(key, 0);
}

// exit_pi_state_list(): its owner ends. The next one learns that from the word.
void Futexes::abandon_pi_locks(Task& task) {
  while (task.pi_waiters != nullptr) {
    // Copied: the next owner may be this one.
    const FutexKey key = task.pi_waiters->futex.waiter.key;
    if (pass_pi_lock(key, kFutexOwnerDied) != 0) {
      waiting_.wake(*top_waiter(key), -EFAULT);
    }
  }
}

}  // namespace tine::process
