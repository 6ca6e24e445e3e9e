// futex: waiting for a word, and moving waiters from one word to another.
#include "servers/linux_abi/errno.h"
#include "servers/process/futex/futexes.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

Outcome Futexes::wait(const Call& call, bool has_bits) {
  Task& task = call.task;
  const u64 address = call.argument(0);
  const u32 flags = call.uint_argument(1);
  const u32 value = call.uint_argument(2);
  const bool is_timed = call.argument(3) != 0;
  const u32 bits = has_bits ? call.uint_argument(5) : ~u32{0};
  const bool is_private = (flags & kFutexPrivate) != 0;
  // Linux looks at the timeout first, then at the bits and the address.
  Timespec timeout{};
  if (is_timed) {
    if (user_.read(*task.mm, call.argument(3), timeout) != 0) {
      return call.result(-EFAULT);
    }
    if (!is_valid(timeout)) return call.result(-EINVAL);
  }
  if (bits == 0) return call.result(-EINVAL);
  u64 deadline = 0;
  if (is_timed) {
    deadline = to_ns(timeout);
    if (!has_bits) {
      deadline += sys::clock_ns();
    } else if ((flags & kFutexClockRealtime) != 0) {
      deadline = clock_.monotonic_at(deadline);
    }
    if (deadline == 0) deadline = 1;
  }
  return begin_wait(call,
                    {.waiter = {.bits = bits},
                     .address = address,
                     .value = value,
                     .is_private = is_private},
                    deadline);
}

Outcome Futexes::begin_wait(const Call& call, const FutexWait& wait,
                            u64 deadline_ns) {
  Task& task = call.task;
  FutexKey key;
  u32 found;
  const i64 error = find_key(*task.mm, wait.address, wait.is_private,
                             Access::kRead, &key, &found);
  if (error != 0) return call.result(error);
  if (found != wait.value) return call.result(-EAGAIN);
  if (deadline_ns != 0) waiting_.set_timeout(task, deadline_ns);
  task.futex = wait;
  task.futex.waiter.key = key;
  task.futex.waiter.task = &task;
  table_.add(task.futex.waiter);
  return waiting_.withhold(call, Wait::kFutex);
}

// Wakes some waiters of one word and makes others wait for a second one.
// Answers how many in all.
i64 Futexes::requeue(const Call& call, bool compares) {
  const Mm& mm = *call.task.mm;
  const bool is_private = (call.uint_argument(1) & kFutexPrivate) != 0;
  const i32 most_woken = call.int_argument(2);
  const i32 most_moved = call.int_argument(3);  // where others have a timeout
  if (most_woken < 0 || most_moved < 0) return -EINVAL;
  FutexKey from;
  FutexKey to;
  i64 error = find_key(mm, call.argument(0), is_private, Access::kRead, &from);
  if (error == 0) {
    error = find_key(mm, call.argument(4), is_private, Access::kRead, &to);
  }
  if (error != 0) return error;
  if (compares) {
    error = expect_word(mm, call.argument(0), call.uint_argument(5));
    if (error != 0) return error;
  }
  i64 count = 0;
  table_.for_each(from, [&](FutexWaiter& waiter) {
    Task& task = *waiter.task;
    if (count - most_woken >= most_moved) return false;
    if (task.wait != Wait::kFutex && task.wait != Wait::kFutexVector) {
      count = -EINVAL;
      return false;
    }
    if (++count <= most_woken) {
      waiting_.wake(task, waiter.index);
    } else if (from != to) {
      table_.move(waiter, to);
    }
    return true;
  });
  return count;
}

}  // namespace tine::process
