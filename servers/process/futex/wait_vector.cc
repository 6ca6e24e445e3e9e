// futex_waitv: waiting for any of many words.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/process.h"
#include "servers/linux_abi/time.h"
#include "servers/process/futex/futexes.h"

namespace tine::process {

using namespace linux_abi;

// futex_parse_waitv(), futex_wait_multiple_setup(): all that can be wrong with
// the vector itself comes before what can be wrong with its words.
i64 Futexes::read_vector(const Call& call, FutexWaiter* waiters, u32 count) {
  const Mm& mm = *call.task.mm;
  const auto read = [&](u32 i, FutexWaitv& wanted) {
    return user_.read(mm, call.argument(0) + u64{i} * sizeof(wanted), wanted);
  };
  FutexWaitv wanted;
  for (u32 i = 0; i < count; ++i) {
    if (read(i, wanted) != 0) return -EFAULT;
    if ((wanted.flags & ~u32{kFutexPrivate}) != kFutex32 ||
        wanted.reserved != 0) {
      return -EINVAL;
    }
  }
  for (u32 i = 0; i < count; ++i) {
    if (read(i, wanted) != 0) return -EFAULT;
    waiters[i] = {.task = &call.task, .index = i};
    u32 found;
    const i64 error =
        find_key(mm, wanted.address, (wanted.flags & kFutexPrivate) != 0,
                 Access::kRead, &waiters[i].key, &found);
    if (error != 0) return error;
    if (found != wanted.value) return -EAGAIN;
  }
  return 0;
}

Outcome Futexes::wait_for_any(const Call& call) {
  Task& task = call.task;
  const u32 count = call.uint_argument(1);
  if (call.uint_argument(2) != 0 || count == 0 || count > kMostFutexWaits ||
      call.argument(0) == 0) {
    return call.result(-EINVAL);
  }
  u64 deadline = 0;
  if (call.argument(3) != 0) {
    const i32 clock = call.int_argument(4);
    if (clock != kClockRealtime && clock != kClockMonotonic) {
      return call.result(-EINVAL);
    }
    const i64 error = read_timeout(task, call.argument(3),
                                   clock == kClockRealtime, &deadline);
    if (error != 0) return call.result(error);
  }
  auto* const waiters =
      static_cast<FutexWaiter*>(blocks_.take(count * sizeof(FutexWaiter)));
  if (waiters == nullptr) return call.result(-ENOMEM);
  const i64 error = read_vector(call, waiters, count);
  if (error != 0) {
    blocks_.give(waiters);
    return call.result(error);
  }
  for (u32 i = 0; i < count; ++i) table_.add(waiters[i]);
  task.futex_vector = {waiters, count};
  if (deadline != 0) waiting_.set_timeout(task, deadline);
  return waiting_.withhold(call, Wait::kFutexVector);
}

u64 Futexes::blocks() const {
  u64 blocks = 0;
  for (const Task& task : tasks_) {
    if (task.state == TaskState::kLive && task.wait == Wait::kFutexVector) {
      ++blocks;
    }
  }
  return blocks;
}

}  // namespace tine::process
