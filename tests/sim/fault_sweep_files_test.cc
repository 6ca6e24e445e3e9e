// Every fallible step of pipes and of files in memory.
#include <cerrno>

#include "tests/sim/fault_sweep.h"

namespace tine {
namespace {

// What a pipe holds is in pages that may not be there.
i64 pipe_write_and_read(User& user) {
  constexpr u64 kNonBlock = 04000;
  constexpr i64 kBytes = 3 * static_cast<i64>(kPageSize) / 2;
  const i64 made = call(user, Nr::kPipe2, kScratch, kNonBlock);
  if (made != 0) return -made;
  const u64 ends = user.load(kScratch);
  const u64 reader = ends & 0xffff'ffff;
  const u64 writer = ends >> 32;
  const i64 put = call(user, Nr::kWrite, writer, sim::kDataAddress, kBytes);
  EXPECT_TRUE(put == kBytes || put == static_cast<i64>(kPageSize)) << put;
  EXPECT_EQ(call(user, Nr::kRead, reader, kPath, kPageSize),
            static_cast<i64>(kPageSize));
  EXPECT_EQ(call(user, Nr::kRead, reader, kPath, kPageSize),
            put == kBytes ? kBytes - static_cast<i64>(kPageSize) : -EAGAIN);
  EXPECT_EQ(call(user, Nr::kClose, writer), 0);
  EXPECT_EQ(call(user, Nr::kRead, reader, kPath, 1), 0);
  EXPECT_EQ(call(user, Nr::kClose, reader), 0);
  return put == kBytes ? 0 : EAGAIN;
}

// Private and shared pages of a file, one of them copied.
i64 map_file(User& user) {
  constexpr u64 kPrivate = 2;
  constexpr u64 kShared = 1;
  user.store_text(kPath, "/bin/other");
  const i64 fd = call(user, Nr::kOpenat, -100, kPath, 0);
  if (fd < 0) return -fd;
  const i64 mine = call(user, Nr::kMmap, 0, 3 * kPageSize, 3, kPrivate, fd, 0);
  if (mine < 0) return -mine;
  const u64 va = static_cast<u64>(mine);
  const u64 first = user.load(va);
  user.store(va, first + 1);
  const i64 view = call(user, Nr::kMmap, 0, kPageSize, 1, kShared, fd, 0);
  if (view < 0) return -view;
  EXPECT_EQ(user.load(static_cast<u64>(view)), first);
  i64 error = call(user, Nr::kMadvise, va, kPageSize, 4);
  if (error < 0) return -error;
  EXPECT_EQ(user.load(va), first);
  error = call(user, Nr::kMunmap, view, kPageSize);
  return -error;
}

// A file grows, is mapped, written, and cut while it is mapped.
i64 resize_file(User& user) {
  constexpr u64 kCreate = 0102;  // and for reading and writing
  user.store_text(kPath, "/resized");
  const i64 fd = call(user, Nr::kOpenat, -100, kPath, kCreate, 0600);
  for (int i = 0; i < 3 && call(user, Nr::kUnlinkat, -100, kPath, 0) == -ENOMEM;
       ++i) {
  }
  if (fd < 0) return -fd;
  i64 error = call(user, Nr::kFtruncate, fd, 5 * kPageSize);
  if (error < 0) return -error;
  const i64 at = call(user, Nr::kMmap, 0, 5 * kPageSize, 3, 1, fd, 0);
  if (at < 0) return -at;
  const u64 va = static_cast<u64>(at);
  user.store(va, 1);
  user.store(va + 4 * kPageSize, 2);
  const i64 pid = user.fork([va](User& child) {
    child.store(va + 8, 3);
    return child.load(va + 4 * kPageSize) == 2 ? 0 : 99;
  });
  if (pid < 0) return -pid;
  const i64 outcome = reap(user, pid);
  if (outcome != 0) return outcome;
  error = call(user, Nr::kFtruncate, fd, 4);
  if (error < 0) return -error;
  error = call(user, Nr::kFtruncate, fd, 5 * kPageSize);
  if (error < 0) return -error;
  EXPECT_EQ(user.load(va), 1u);
  EXPECT_EQ(user.load(va + 8), 0u);
  EXPECT_EQ(user.load(va + 4 * kPageSize), 0u);
  return 0;
}

// A set with a timer and a counter, shared by a fork.
i64 watch_files(User& user) {
  constexpr u64 kNonBlock = 04000;
  constexpr u64 kAdd = 1;
  constexpr u64 kMonotonic = 1;
  const i64 set = call(user, Nr::kEpollCreate1, 0);
  if (set < 0) return -set;
  const i64 timer = call(user, Nr::kTimerfdCreate, kMonotonic, kNonBlock);
  if (timer < 0) return -timer;
  const i64 event = call(user, Nr::kEventfd2, 1, kNonBlock);
  if (event < 0) return -event;
  user.store(kScratch, 1);  // EPOLLIN
  for (const i64 fd : {timer, event}) {
    const i64 error = call(user, Nr::kEpollCtl, set, kAdd, fd, kScratch);
    if (error < 0) return -error;
  }
  const i64 pid = user.fork([&](User& child) {
    const i64 ready = call(child, Nr::kEpollPwait, set, kPath, 4, 0, 0, 8);
    return ready == 1 ? 0 : 99;
  });
  if (pid < 0) return -pid;
  const i64 outcome = reap(user, pid);
  if (outcome != 0) return outcome;
  EXPECT_EQ(call(user, Nr::kClose, event), 0);
  EXPECT_EQ(call(user, Nr::kEpollPwait, set, kPath, 4, 0, 0, 8), 0);
  EXPECT_EQ(call(user, Nr::kClose, set), 0);
  EXPECT_EQ(call(user, Nr::kClose, timer), 0);
  return 0;
}

// From a file into a pipe, and from there into another.
i64 splice_pipes(User& user) {
  constexpr u64 kNonBlock = 04000;
  user.store_text(kPath, "/bin/other");
  const i64 fd = call(user, Nr::kOpenat, -100, kPath, 0);
  if (fd < 0) return -fd;
  u64 ends[2];
  for (u64& pair : ends) {
    const i64 made = call(user, Nr::kPipe2, kScratch, kNonBlock);
    if (made != 0) return -made;
    pair = user.load(kScratch);
  }
  constexpr i64 kBytes = 100;
  i64 moved = call(user, Nr::kSplice, fd, 0, ends[0] >> 32, 0, kBytes, 0);
  if (moved < 0) return -moved;
  EXPECT_EQ(moved, kBytes);
  moved = call(user, Nr::kTee, ends[0] & 0xffff'ffff, ends[1] >> 32, kBytes, 0);
  if (moved < 0) return -moved;
  EXPECT_EQ(moved, kBytes);
  for (const u64 pair : ends) {
    EXPECT_EQ(call(user, Nr::kRead, pair & 0xffff'ffff, kPath, kPageSize),
              kBytes);
  }
  return 0;
}

// Watches of a directory and of a file in it; what there was no memory to tell
// of is said to be lost.
i64 hear_of_files(User& user) {
  constexpr u64 kNonBlock = 04000;
  constexpr u64 kAllEvents = 0xfff;
  constexpr u64 kCreate = 0102;
  constexpr u64 kLost = 0x4000;  // IN_Q_OVERFLOW
  const i64 notify = call(user, Nr::kInotifyInit1, kNonBlock);
  if (notify < 0) return -notify;
  user.store_text(kPath, "/");
  const i64 above = call(user, Nr::kInotifyAddWatch, notify, kPath, kAllEvents);
  if (above < 0) return -above;
  user.store_text(kPath, "/heard");
  const i64 fd = call(user, Nr::kOpenat, -100, kPath, kCreate, 0600);
  if (fd < 0) return -fd;
  const i64 watch = call(user, Nr::kInotifyAddWatch, notify, kPath, kAllEvents);
  const i64 closed = call(user, Nr::kClose, fd);
  i64 removed;
  for (int i = 0; i < 3; ++i) {
    removed = call(user, Nr::kUnlinkat, -100, kPath, 0);
    if (removed != -ENOMEM) break;
  }
  EXPECT_EQ(removed, 0);
  if (watch < 0) return -watch;
  if (closed < 0) return -closed;
  // Create and open, close twice, and the file's end: 8 events, 4 with names.
  constexpr i64 kBytes = 4 * 32 + 4 * 16;
  const i64 got = call(user, Nr::kRead, notify, kPath, kPageSize);
  if (got != kBytes) {
    bool is_lost = false;
    for (i64 at = 0; at < got;) {
      const u64 entry = kPath + static_cast<u64>(at);
      if ((user.load(entry) >> 32) == kLost) is_lost = true;
      at += 16 + static_cast<i64>(user.load(entry + 8) >> 32);
    }
    EXPECT_TRUE(is_lost) << got;
    return is_lost ? ENOMEM : 0;
  }
  EXPECT_EQ(call(user, Nr::kClose, notify), 0);
  return 0;
}

// A signal that is read.
i64 read_signal(User& user) {
  constexpr u64 kNonBlock = 04000;
  constexpr u64 kSignal10 = u64{1} << 9;
  constexpr u64 kBlock = 0;
  user.store(kScratch, kSignal10);
  const i64 fd = call(user, Nr::kSignalfd4, -1, kScratch, 8, kNonBlock);
  if (fd < 0) return -fd;
  EXPECT_EQ(call(user, Nr::kRtSigprocmask, kBlock, kScratch, 0, 8), 0);
  EXPECT_EQ(call(user, Nr::kRead, fd, kPath, kPageSize), -EAGAIN);
  EXPECT_EQ(call(user, Nr::kKill, call(user, Nr::kGetpid), 10), 0);
  EXPECT_EQ(call(user, Nr::kRead, fd, kPath, kPageSize), 128);
  EXPECT_EQ(user.load(kPath) & 0xffff'ffff, 10u);
  EXPECT_EQ(call(user, Nr::kRead, fd, kPath, kPageSize), -EAGAIN);
  return 0;
}

INSTANTIATE_TEST_SUITE_P(All, FaultSweep,
                         testing::Values(Sweep{"pipe", pipe_write_and_read, ""},
                                         Sweep{"watch_files", watch_files, ""},
                                         Sweep{"splice", splice_pipes, ""},
                                         Sweep{"inotify", hear_of_files, ""},
                                         Sweep{"signalfd", read_signal, ""},
                                         Sweep{"map_file", map_file, "", true},
                                         Sweep{"resize_file", resize_file, "",
                                               true}));

}  // namespace
}  // namespace tine
