// futex: wait and wake, and their bitset forms; the other operations give
// ENOSYS.
//
// A private word is known by mm and address. A word that may be shared between
// processes is known by its address alone, which a mapping made before fork has
// in all of them: those in other mms are all woken, as a waiter must look again
// anyway.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

i64 ProcessServer::futex_wake(const Mm* mm, u64 address, bool is_private,
                              u32 bits, u64 most) {
  i64 woken = 0;
  u64 left = most;
  for (Task& task : tasks_) {
    if (task.wait != Wait::kFutex || task.futex.address != address ||
        (task.futex.bits & bits) == 0) {
      continue;
    }
    const bool same_mm = task.mm == mm;
    if (same_mm ? left == 0 : is_private || task.futex.is_private) continue;
    if (same_mm) --left;
    wake(task, 0);
    ++woken;
  }
  return woken;
}

Outcome ProcessServer::sys_futex(const Call& call) {
  Task& task = call.task;
  const u64 address = call.argument(0);
  const u32 flags = call.uint_argument(1);
  const u32 value = call.uint_argument(2);
  const u64 timeout_at = call.argument(3);
  const u32 operation = flags & ~u32{kFutexPrivate | kFutexClockRealtime};
  const bool is_private = (flags & kFutexPrivate) != 0;
  const bool has_bits =
      operation == kFutexWaitBitset || operation == kFutexWakeBitset;
  const u32 bits = has_bits ? call.uint_argument(5) : ~u32{0};
  const bool is_wait = operation == kFutexWait || operation == kFutexWaitBitset;
  if (!is_wait && operation != kFutexWake && operation != kFutexWakeBitset) {
    return call.result(-ENOSYS);
  }
  if ((flags & kFutexClockRealtime) != 0 && operation != kFutexWaitBitset) {
    return call.result(-ENOSYS);
  }

  // Linux looks at the timeout first, then at the bits and the address.
  Timespec timeout{};
  const bool is_timed = is_wait && timeout_at != 0;
  if (is_timed) {
    if (read_user(*task.mm, timeout_at, timeout) != 0) {
      return call.result(-EFAULT);
    }
    if (!is_valid(timeout)) return call.result(-EINVAL);
  }
  if (bits == 0 || address % sizeof(u32) != 0) return call.result(-EINVAL);
  if (!is_wait) {
    // To find out what a shared word is, Linux needs its page.
    u32 word;
    if (!is_private && read_user(*task.mm, address, word) != 0) {
      return call.result(-EFAULT);
    }
    return call.result(futex_wake(task.mm, address, is_private, bits, value));
  }
  u32 found;
  if (read_user(*task.mm, address, found) != 0) return call.result(-EFAULT);
  if (found != value) return call.result(-EAGAIN);
  if (is_timed) {
    u64 deadline = to_ns(timeout);
    if (operation == kFutexWait) {
      deadline += sys::clock_ns();
    } else if ((flags & kFutexClockRealtime) != 0) {
      deadline =
          deadline > realtime_offset_ns_ ? deadline - realtime_offset_ns_ : 1;
    }
    set_timer(task, deadline);
  }
  task.futex = {address, bits, is_private};
  return withhold_for(call, Wait::kFutex);
}

}  // namespace tine::process
