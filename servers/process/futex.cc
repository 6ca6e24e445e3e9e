// futex: which word is meant, waking, and the call itself. Operations with
// priority inheritance give ENOSYS, as on a kernel built without them.
//
// A call here is atomic towards programs: on one CPU no program runs while the
// process server does. With more CPUs the words would be read and changed by
// an atomic operation of the kernel, after the queue is entered (A16).
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// The lowest bits of FutexKey::place.
enum Kind : u64 { kPrivateWord = 0, kSharedInMm = 1, kInObject = 2 };
constexpr u64 kKindMask = 3;

}  // namespace

// get_futex_key(). Finding out what a shared word is needs its page, in Linux
// too: hence EFAULT.
i64 ProcessServer::futex_key(const Mm& mm, u64 address, bool is_private,
                             Access access, FutexKey* key) {
  if (address % sizeof(u32) != 0) return -EINVAL;
  if (address > kUserAddressEnd - sizeof(u32)) return -EFAULT;
  if (is_private) {
    *key = {mm.id, address | kPrivateWord};
    return 0;
  }
  u32 word;
  if (read_user(mm, address, word) != 0) return -EFAULT;
  if (!shared_futex_key(mm, address, key)) return -EFAULT;
  // A word of private memory that cannot be written never changes.
  const bool is_of_mm = (key->place & kKindMask) == kSharedInMm;
  if ((is_of_mm || access == Access::kWrite) &&
      user_.prefault(mm.id, address, Access::kWrite) != 0) {
    return -EFAULT;
  }
  return 0;
}

// False: nothing is mapped there.
bool ProcessServer::shared_futex_key(const Mm& mm, u64 address, FutexKey* key) {
  const sys::Message answer = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kMmKey, mm.id, address));
  if (sys::result_of(answer, -EFAULT) != 0) return false;
  if (answer.words[1] == 0) {
    *key = {mm.id, address | kSharedInMm};
  } else {
    *key = {answer.words[1], answer.words[2] | kInObject};
  }
  return true;
}

// At the end of a thread: no want of memory may lose it.
void ProcessServer::wake_after_end(const Mm& mm, u64 address) {
  FutexKey key;
  if (address % sizeof(u32) == 0 && shared_futex_key(mm, address, &key)) {
    (void)wake_futex(key, ~u32{0}, 1);
  }
}

i32 ProcessServer::wake_futex(const FutexKey& key, u32 bits, i32 most) {
  i32 woken = 0;
  futexes_.for_each(key, [&](Task& task) {
    if ((task.futex.bits & bits) == 0) return true;
    wake(task, 0);
    // As in Linux, who asks for none gets one.
    return ++woken < most;
  });
  return woken;
}

i64 ProcessServer::futex_wake(const Mm& mm, u64 address, bool is_private,
                              u32 bits, i32 most) {
  if (bits == 0) return -EINVAL;
  FutexKey key;
  const i64 error = futex_key(mm, address, is_private, Access::kRead, &key);
  return error != 0 ? error : wake_futex(key, bits, most);
}

Outcome ProcessServer::sys_futex(const Call& call) {
  const u32 flags = call.uint_argument(1);
  const u32 operation = flags & ~u32{kFutexPrivate | kFutexClockRealtime};
  const bool is_private = (flags & kFutexPrivate) != 0;
  if ((flags & kFutexClockRealtime) != 0 && operation != kFutexWaitBitset) {
    return call.result(-ENOSYS);
  }
  const Mm& mm = *call.task.mm;
  switch (operation) {
    case kFutexWait:
      return futex_wait(call, false);
    case kFutexWaitBitset:
      return futex_wait(call, true);
    case kFutexWake:
      return call.result(futex_wake(mm, call.argument(0), is_private, ~u32{0},
                                    call.int_argument(2)));
    case kFutexWakeBitset:
      return call.result(futex_wake(mm, call.argument(0), is_private,
                                    call.uint_argument(5),
                                    call.int_argument(2)));
    case kFutexRequeue:
      return call.result(futex_requeue(call, false));
    case kFutexCompareRequeue:
      return call.result(futex_requeue(call, true));
    case kFutexWakeOperation:
      return call.result(futex_wake_op(call));
    default:
      return call.result(-ENOSYS);
  }
}

}  // namespace tine::process
