// Every fallible step of what a process does to its memory.
#include <cerrno>

#include "tests/sim/fault_sweep.h"

namespace tine {
namespace {

i64 map_and_unmap(User& user) {
  constexpr u64 kPages = 600;  // more than a table spans
  const i64 at = call(user, Nr::kMmap, 0, kPages * kPageSize, 3, 0x22, ~u64{0});
  if (at < 0) return -at;
  const u64 va = static_cast<u64>(at);
  user.store(va, 1);
  user.store(va + (kPages - 1) * kPageSize, 2);
  const i64 error = call(user, Nr::kMprotect, va + kPageSize, kPageSize, 1);
  EXPECT_EQ(user.load(va), 1u);
  i64 unmapped = call(user, Nr::kMunmap, va, kPages * kPageSize);
  if (unmapped != 0) {
    EXPECT_EQ(unmapped, -ENOMEM);
    unmapped = call(user, Nr::kMunmap, va, kPages * kPageSize);
  }
  EXPECT_EQ(unmapped, 0);
  return -error;
}

i64 grow_break(User& user) {
  const i64 old = call(user, Nr::kBrk, 0);
  const i64 want = old + 5 * static_cast<i64>(kPageSize);
  if (call(user, Nr::kBrk, want) != want) return ENOMEM;
  user.store(static_cast<u64>(old) + kPageSize, 5);
  // Giving memory back may fail too; the process exits anyway.
  const i64 end = call(user, Nr::kBrk, old);
  EXPECT_TRUE(end == old || end == want);
  return 0;
}

// Memory that a parent and a child share moves and grows.
i64 share_and_move(User& user) {
  const i64 at = call(user, Nr::kMmap, 0, 4 * kPageSize, 3, 0x21, ~u64{0});
  if (at < 0) return -at;
  const u64 va = static_cast<u64>(at);
  user.store(va, 1);
  const i64 pid = user.fork([va](User& child) {
    child.store(va + kPageSize, 2);
    return 0;
  });
  if (pid < 0) return -pid;
  const i64 outcome = reap(user, pid);
  if (outcome != 0) return outcome;
  EXPECT_EQ(user.load(va + kPageSize), 2u);
  const i64 moved =
      call(user, Nr::kMremap, va, 4 * kPageSize, 700 * kPageSize, 1);
  if (moved < 0) return -moved;
  const u64 there = static_cast<u64>(moved);
  EXPECT_EQ(user.load(there), 1u);
  EXPECT_EQ(user.load(there + kPageSize), 2u);
  const i64 copy = call(user, Nr::kMremap, there, 0, kPageSize, 1);
  if (copy < 0) return -copy;
  user.store(there, 3);
  EXPECT_EQ(user.load(static_cast<u64>(copy)), 3u);
  // The first page's place shows the second page, then its own again.
  for (const u64 page : {u64{1}, u64{0}}) {
    const i64 error =
        call(user, Nr::kRemapFilePages, there, kPageSize, 0, page, 0);
    if (error != 0) return -error;
    EXPECT_EQ(user.load(there), page == 1 ? 2u : 3u);
  }
  return 0;
}

i64 move_private(User& user) {
  const i64 at = call(user, Nr::kMmap, 0, 4 * kPageSize, 3, 0x22, ~u64{0});
  if (at < 0) return -at;
  const u64 va = static_cast<u64>(at);
  user.store(va, 1);
  user.store(va + 3 * kPageSize, 4);
  const i64 pid = user.fork([va](User& child) {
    const i64 moved =
        call(child, Nr::kMremap, va, 4 * kPageSize, 700 * kPageSize, 1);
    if (moved < 0) return static_cast<i32>(-moved);
    const u64 there = static_cast<u64>(moved);
    child.store(there, 7);
    EXPECT_EQ(child.load(there + 3 * kPageSize), 4u);
    return 0;
  });
  if (pid < 0) return -pid;
  const i64 outcome = reap(user, pid);
  EXPECT_EQ(user.load(va), 1u);
  return outcome;
}

// A child's memory is not locked, and some of it is not there or zero.
i64 lock_and_advise(User& user) {
  constexpr u64 kDontFork = 10;
  constexpr u64 kWipeOnFork = 18;
  const i64 at = call(user, Nr::kMmap, 0, 4 * kPageSize, 3, 0x22, ~u64{0});
  if (at < 0) return -at;
  const u64 va = static_cast<u64>(at);
  i64 error = call(user, Nr::kMlock, va, 2 * kPageSize);
  if (error == 0) {
    user.store(va + 2 * kPageSize, 3);
    error = call(user, Nr::kMadvise, va + kPageSize, kPageSize, kDontFork);
  }
  if (error == 0) {
    error =
        call(user, Nr::kMadvise, va + 2 * kPageSize, kPageSize, kWipeOnFork);
  }
  if (error < 0) return -error;
  const i64 pid = user.fork([va](User& child) {
    EXPECT_EQ(child.load(va + 2 * kPageSize), 0u);
    return static_cast<i32>(
        -call(child, Nr::kMadvise, va, kPageSize, 4));  // not locked
  });
  if (pid < 0) return -pid;
  const i64 outcome = reap(user, pid);
  EXPECT_EQ(user.load(va + 2 * kPageSize), 3u);
  return outcome != 0 ? outcome : -call(user, Nr::kMunlockall);
}

i64 grow_stack(User& user) {
  const u64 low = user.sp() - 300 * 1024;
  user.store(low, 5);
  const i64 pid = user.fork([low](User& child) {
    child.store(low - 100 * 1024, 6);
    return child.load(low) == 5 ? 0 : 99;
  });
  return pid < 0 ? -pid : reap(user, pid);
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultSweep,
    testing::Values(Sweep{"mmap", map_and_unmap, ""},
                    Sweep{"brk", grow_break, ""},
                    Sweep{"share_and_move", share_and_move, "", true},
                    Sweep{"move_private", move_private, "", true},
                    Sweep{"lock_and_advise", lock_and_advise, "", true},
                    Sweep{"grow_stack", grow_stack, "", true, true}));

}  // namespace
}  // namespace tine
