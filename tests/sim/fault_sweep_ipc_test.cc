// Every fallible step of System V shared memory, semaphores and message queues,
// of POSIX message queues, and of waiting for many futexes.
#include "tests/sim/fault_sweep.h"

namespace tine {
namespace {

constexpr u64 kPrivate = 0;
constexpr u64 kCreate = 01600;
constexpr u64 kRemove = 0;
constexpr u64 kUndo = 0x1000;
constexpr u64 kValueOf = 12;  // GETVAL

// 0, or the errno.
i64 error_of(i64 result) { return result < 0 ? -result : 0; }

// A child writes what its parent reads. The segment is removed while it is
// attached, so that it goes with the process however that ends.
i64 share_memory(User& user) {
  const i64 id = call(user, Nr::kShmget, kPrivate, 3 * kPageSize, kCreate);
  if (id < 0) return -id;
  const i64 address = call(user, Nr::kShmat, static_cast<u64>(id), 0, 0);
  EXPECT_EQ(call(user, Nr::kShmctl, static_cast<u64>(id), kRemove, 0), 0)
      << "removing needs nothing";
  if (address < 0) return -address;
  const u64 word = static_cast<u64>(address) + kPageSize;
  user.store(word, 5);
  const i64 pid = user.fork([word](User& child) {
    child.store(word, child.load(word) + 1);
    return 0;
  });
  const i64 error = pid < 0 ? -pid : reap(user, pid);
  if (error != 0) return error;
  EXPECT_EQ(user.load(word), 6u);
  return error_of(call(user, Nr::kShmdt, static_cast<u64>(address)));
}

// semop of one operation on semaphore 0.
i64 operate(User& user, i64 id, i32 change, u64 flags) {
  user.store(kScratch, (flags << 32) | (u64{static_cast<u16>(change)} << 16));
  return call(user, Nr::kSemop, static_cast<u64>(id), kScratch, 1);
}

// A child's change is waited for, and undone when it ends.
i64 use_semaphores(User& user) {
  const i64 id = call(user, Nr::kSemget, kPrivate, 70, kCreate);
  if (id < 0) return -id;
  const i64 pid = user.fork([id](User& child) {
    i64 result = operate(child, id, 2, kUndo);
    if (result == 0) result = operate(child, id, 1, 0);
    return static_cast<i32>(error_of(result));
  });
  i64 error = pid < 0 ? -pid : 0;
  if (error == 0) {
    // Two of the three go with the child, so that at most one is left for this
    // to take; it waits until then.
    error = reap(user, pid);
    if (error == 0) {
      EXPECT_EQ(call(user, Nr::kSemctl, static_cast<u64>(id), 0, kValueOf), 1);
      error = error_of(operate(user, id, -1, kUndo));
    }
  }
  EXPECT_EQ(call(user, Nr::kSemctl, static_cast<u64>(id), 0, kRemove), 0);
  return error;
}

// Somebody waits in semop when the set is removed.
i64 remove_under_waiter(User& user) {
  constexpr i64 kRemoved = 43;  // EIDRM
  const i64 id = call(user, Nr::kSemget, kPrivate, 1, kCreate);
  if (id < 0) return -id;
  const i64 pid = user.fork([id](User& child) {
    const i64 result = error_of(operate(child, id, -1, 0));
    return static_cast<i32>(result == kRemoved ? 0 : result);
  });
  for (i64 waiting = 0; pid > 0 && waiting == 0;) {
    constexpr u64 kWaiting = 14;  // GETNCNT
    waiting = call(user, Nr::kSemctl, static_cast<u64>(id), 0, kWaiting);
    // One that could not wait has ended.
    constexpr u64 kNoHang = 1;
    const i64 ended =
        call(user, Nr::kWait4, static_cast<u64>(pid), kScratch, kNoHang, 0);
    (void)call(user, Nr::kSchedYield);
    if (ended == pid) {
      EXPECT_EQ(call(user, Nr::kSemctl, static_cast<u64>(id), 0, kRemove), 0);
      return static_cast<i64>(user.load(kScratch) >> 8 & 0xff);
    }
  }
  EXPECT_EQ(call(user, Nr::kSemctl, static_cast<u64>(id), 0, kRemove), 0);
  return pid < 0 ? -pid : reap(user, pid);
}

i64 pass_messages(User& user) {
  constexpr u64 kBytes = 3000;
  const i64 id = call(user, Nr::kMsgget, kPrivate, kCreate);
  if (id < 0) return -id;
  const u64 queue = static_cast<u64>(id);
  const u64 text = sim::kDataAddress + 2 * kPageSize;
  user.store(text, 9);
  user.store(text + 8, 1234);
  i64 error = error_of(call(user, Nr::kMsgsnd, queue, text, kBytes, 0));
  if (error == 0) {
    user.store(text + 8, 0);
    const i64 got = call(user, Nr::kMsgrcv, queue, text, kBytes, 0, 0);
    error = error_of(got);
    if (error == 0) {
      EXPECT_EQ(static_cast<u64>(got), kBytes);
      EXPECT_EQ(user.load(text + 8), 1234u);
    }
  }
  EXPECT_EQ(call(user, Nr::kMsgctl, queue, kRemove, 0), 0);
  return error;
}

// A child sends two, who waits for them gets the urgent one first.
i64 pass_queued_messages(User& user) {
  constexpr u64 kCreateQueue = 0102;  // and for reading and writing
  constexpr u64 kBytes = 5000;        // more than a page
  const u64 shape = kScratch;
  const u64 text = sim::kDataAddress + 2 * kPageSize;
  user.store(shape, 0);
  user.store(shape + 8, 3);
  user.store(shape + 16, kBytes);
  user.store_text(kPath, "queue");
  const i64 queue =
      call(user, Nr::kMqOpen, kPath, kCreateQueue, 0600, kScratch);
  if (queue < 0) return -queue;
  const u64 fd = static_cast<u64>(queue);
  const i64 pid = user.fork([&](User& child) {
    child.store(text, 1);
    i64 result = call(child, Nr::kMqTimedsend, fd, text, 8, 1, 0);
    child.store(text, 2);
    if (result == 0) {
      result = call(child, Nr::kMqTimedsend, fd, text, kBytes, 2, 0);
    }
    return static_cast<i32>(error_of(result));
  });
  i64 error = pid < 0 ? -pid : reap(user, pid);
  if (error == 0) {
    i64 got = call(user, Nr::kMqTimedreceive, fd, text, kBytes, kScratch, 0);
    error = error_of(got);
    if (error == 0) {
      EXPECT_EQ(static_cast<u64>(got), kBytes);
      EXPECT_EQ(user.load(text), 2u);
      got = call(user, Nr::kMqTimedreceive, fd, text, kBytes, kScratch, 0);
      error = error_of(got);
      if (error == 0) EXPECT_EQ(user.load(text), 1u);
    }
  }
  EXPECT_EQ(call(user, Nr::kMqUnlink, kPath), 0) << "needs nothing";
  const i64 closed = call(user, Nr::kClose, fd);
  return error != 0 ? error : error_of(closed);
}

// For any of forty words, until a time that has passed or soon will have.
i64 wait_for_words(User& user) {
  constexpr u64 kWords = 40;
  constexpr u64 kEntryBytes = 24;
  constexpr u64 kFutex32 = 2;
  constexpr u64 kMonotonic = 1;
  constexpr i64 kTimedOut = 110;
  const u64 vector = sim::kDataAddress + 2 * kPageSize;
  for (u64 i = 0; i < kWords; ++i) {
    const u64 at = vector + i * kEntryBytes;
    user.store(at, 7);
    user.store(at + 8, kScratch);
    user.store(at + 16, kFutex32);
  }
  user.store(kScratch, 7);
  user.store(kScratch + 8, 0);
  user.store(kScratch + 16, 1'000'000);
  const i64 result =
      call(user, Nr::kFutexWaitv, vector, kWords, 0, kScratch + 8, kMonotonic);
  return result == -kTimedOut ? 0 : error_of(result);
}

INSTANTIATE_TEST_SUITE_P(
    Ipc, FaultSweep,
    testing::Values(Sweep{"shared memory", share_memory, "", true},
                    Sweep{"semaphores", use_semaphores, ""},
                    Sweep{"removed semaphores", remove_under_waiter, ""},
                    Sweep{"messages", pass_messages, ""},
                    Sweep{"message queue", pass_queued_messages, ""},
                    Sweep{"words", wait_for_words, ""}));

}  // namespace
}  // namespace tine
