// futex: waiting for a word, to go on with a lock with priority inheritance.
// For condition variables whose mutex is one.
#include "servers/linux_abi/errno.h"
#include "servers/process/futex/futexes.h"

namespace tine::process {

using namespace linux_abi;

Outcome Futexes::wait_requeue_pi(const Call& call) {
  Task& task = call.task;
  const u64 address = call.argument(0);
  const u64 lock = call.argument(4);
  const u32 flags = call.uint_argument(1);
  const bool is_private = (flags & kFutexPrivate) != 0;
  u64 deadline;
  i64 error = read_timeout(task, call.argument(3),
                           (flags & kFutexClockRealtime) != 0, &deadline);
  if (error != 0) return call.result(error);
  if (address == lock) return call.result(-EINVAL);
  FutexKey key;
  FutexKey lock_key;
  error = find_key(*task.mm, lock, is_private, Access::kWrite, &lock_key);
  if (error == 0) {
    error = find_key(*task.mm, address, is_private, Access::kRead, &key);
  }
  if (error != 0) return call.result(error);
  error = expect_word(*task.mm, address, call.uint_argument(2));
  if (error != 0) return call.result(error);
  if (key == lock_key) return call.result(-EINVAL);
  task.futex = {.waiter = {.key = key, .task = &task},
                .address = address,
                .is_private = is_private,
                .requeue_key = lock_key,
                .requeue_address = lock};
  table_.add(task.futex.waiter);
  if (deadline != 0) waiting_.set_timeout(task, deadline);
  return waiting_.withhold(call, Wait::kFutexRequeue);
}

// FUTEX_CMP_REQUEUE_PI: the first waiter gets the lock if it is free, and the
// others wait for it. How many those were in all.
i64 Futexes::requeue_pi(const Call& call) {
  const Mm& mm = *call.task.mm;
  const bool is_private = (call.uint_argument(1) & kFutexPrivate) != 0;
  const i32 most_moved = call.int_argument(3);  // where others have a timeout
  // More than one cannot have it.
  if (call.int_argument(2) != 1 || most_moved < 0 ||
      call.argument(0) == call.argument(4)) {
    return -EINVAL;
  }
  FutexKey from;
  FutexKey to;
  i64 error = find_key(mm, call.argument(0), is_private, Access::kRead, &from);
  if (error == 0) {
    error = find_key(mm, call.argument(4), is_private, Access::kWrite, &to);
  }
  if (error != 0) return error;
  if (from == to) return -EINVAL;
  error = expect_word(mm, call.argument(0), call.uint_argument(5));
  if (error != 0) return error;
  Task* top = top_waiter(from);
  if (top == nullptr) return 0;
  const auto may_move = [&](const Task& task) {
    return task.wait == Wait::kFutexRequeue && task.futex.requeue_key == to;
  };
  if (!may_move(*top)) return -EINVAL;
  Task* owner = nullptr;
  const i64 acquired =
      acquire_pi(*top, to, top->futex.requeue_address, most_moved != 0, &owner);
  if (acquired < 0) return acquired;
  i64 count = 0;
  if (acquired == 1) {
    owner = top;
    waiting_.wake(*top, 0);
    ++count;
  }
  const i64 most = i64{most_moved} + 1;
  table_.for_each(from, [&](FutexWaiter& waiter) {
    Task& task = *waiter.task;
    if (count == most) return false;
    error = !may_move(task) ? -EINVAL : is_circle(task, owner) ? -EDEADLK : 0;
    if (error != 0) return false;
    ++count;
    table_.move(waiter, to);
    task.futex.address = task.futex.requeue_address;
    task.futex.was_requeued = true;
    task.wait = Wait::kFutexPi;
    scheduler_.begin_inheritance(task, *owner);
    return true;
  });
  return error != 0 ? error : count;
}

}  // namespace tine::process
