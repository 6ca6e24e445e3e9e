// futex: which word is meant, waking, and the call itself.
//
// A call here is atomic towards programs: on one CPU no program runs while the
// process server does. With more CPUs the words would be read and changed by
// an atomic operation of the kernel, after the queue is entered (A16).
#include "servers/process/futex/futexes.h"

#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// The lowest bits of FutexKey::place.
enum Kind : u64 { kPrivateWord = 0, kSharedInMm = 1, kInObject = 2 };
constexpr u64 kKindMask = 3;

// Who waits for one word more than once counts as so many, if there are to be
// `most` more, and learns of the last.
i32 count_more(const FutexVector& vector, const FutexWaiter& first, i32 most,
               u32* last) {
  i32 more = 0;
  *last = first.index;
  for (u32 i = first.index + 1; i < vector.count && more < most; ++i) {
    if (vector.waiters[i].key != first.key) continue;
    *last = i;
    ++more;
  }
  return more;
}

}  // namespace

// get_futex_key(). Finding out what a shared word is needs its page, in Linux
// too: hence EFAULT. If `word` is not null, what is there.
i64 Futexes::find_key(const Mm& mm, u64 address, bool is_private, Access access,
                      FutexKey* key, u32* word) {
  if (address % sizeof(u32) != 0) return -EINVAL;
  if (address > kUserAddressEnd - sizeof(u32)) return -EFAULT;
  u32 unused;
  if ((word != nullptr || !is_private) &&
      user_.read(mm, address, word != nullptr ? *word : unused) != 0) {
    return -EFAULT;
  }
  if (is_private) {
    *key = {mm.id, address | kPrivateWord};
    return 0;
  }
  u64 rights;
  if (!find_shared_key(mm, address, key, &rights)) return -EFAULT;
  // A word of private memory that cannot be written never changes.
  const bool is_of_mm = (key->place & kKindMask) == kSharedInMm;
  if (is_of_mm && (rights & Rights::kWrite) == 0) return -EFAULT;
  return access == Access::kWrite &&
                 user_.prefault(mm.id, address, Access::kWrite) != 0
             ? -EFAULT
             : 0;
}

// False: nothing is mapped there.
bool Futexes::find_shared_key(const Mm& mm, u64 address, FutexKey* key,
                              u64* rights) {
  const sys::Message answer = sys::call(
      kCallMemory, sys::make_message(MemoryLabel::kMmKey, mm.id, address));
  if (sys::result_of(answer, -EFAULT) != 0) return false;
  *rights = answer.words[3];
  if (answer.words[1] == 0) {
    *key = {mm.id, address | kSharedInMm};
  } else {
    *key = {answer.words[1], answer.words[2] | kInObject};
  }
  return true;
}

void Futexes::wake_after_end(const Mm& mm, u64 address) {
  FutexKey key;
  u64 rights;
  if (address % sizeof(u32) == 0 &&
      find_shared_key(mm, address, &key, &rights)) {
    (void)wake_word(key, ~u32{0}, 1);
  }
}

i64 Futexes::expect_word(const Mm& mm, u64 address, u32 value) {
  u32 found;
  if (user_.read(mm, address, found) != 0) return -EFAULT;
  return found == value ? 0 : -EAGAIN;
}

// -EINVAL: some wait for a lock there (pi.cc).
i32 Futexes::wake_word(const FutexKey& key, u32 bits, i32 most) {
  i32 woken = 0;
  bool is_mixed = false;
  table_.for_each(key, [&](FutexWaiter& waiter) {
    Task& task = *waiter.task;
    if (task.wait != Wait::kFutex && task.wait != Wait::kFutexVector)
        [[unlikely]] {
      is_mixed = true;
      return false;
    }
    if ((waiter.bits & bits) == 0) return true;
    ++woken;
    u32 result = 0;
    if (task.wait == Wait::kFutexVector) {
      woken += count_more(task.futex_vector, waiter, most - woken, &result);
    }
    waiting_.wake(task, result);
    // As in Linux, who asks for none gets one.
    return woken < most;
  });
  return is_mixed ? -EINVAL : woken;
}

i64 Futexes::wake(const Mm& mm, u64 address, bool is_private, u32 bits,
                  i32 most) {
  if (bits == 0) return -EINVAL;
  FutexKey key;
  const i64 error = find_key(mm, address, is_private, Access::kRead, &key);
  return error != 0 ? error : wake_word(key, bits, most);
}

Outcome Futexes::call(const Call& call) {
  const u32 flags = call.uint_argument(1);
  const u32 operation = flags & ~u32{kFutexPrivate | kFutexClockRealtime};
  const bool is_private = (flags & kFutexPrivate) != 0;
  if ((flags & kFutexClockRealtime) != 0 && operation != kFutexWaitBitset &&
      operation != kFutexWaitRequeuePi && operation != kFutexLockPi2) {
    return call.result(-ENOSYS);
  }
  const Mm& mm = *call.task.mm;
  switch (operation) {
    case kFutexWait:
      return wait(call, false);
    case kFutexWaitBitset:
      return wait(call, true);
    case kFutexWake:
      return call.result(wake(mm, call.argument(0), is_private, ~u32{0},
                              call.int_argument(2)));
    case kFutexWakeBitset:
      return call.result(wake(mm, call.argument(0), is_private,
                              call.uint_argument(5), call.int_argument(2)));
    case kFutexRequeue:
      return call.result(requeue(call, false));
    case kFutexCompareRequeue:
      return call.result(requeue(call, true));
    case kFutexWakeOperation:
      return call.result(wake_operation(call));
    case kFutexLockPi:
    case kFutexLockPi2:
    case kFutexTryLockPi:
      return lock_pi(call, operation);
    case kFutexUnlockPi:
      return call.result(unlock_pi(call));
    case kFutexWaitRequeuePi:
      return wait_requeue_pi(call);
    case kFutexCompareRequeuePi:
      return call.result(requeue_pi(call));
    default:
      return call.result(-ENOSYS);
  }
}

}  // namespace tine::process
