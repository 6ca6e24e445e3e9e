// Fails the k-th fallible step of an operation, for every k: the caller gets a
// documented errno, nothing is left behind, and a retry succeeds.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <iostream>
#include <set>
#include <utility>

#include "kernel/base/fault_site.h"
#include "tests/sim/system.h"

namespace tine {
namespace {

constexpr u64 kScratch = sim::kDataAddress + 128;
constexpr u64 kPath = sim::kDataAddress + kPageSize;
constexpr u64 kArgv = sim::kDataAddress + kPageSize + 256;
// An outcome: death by signal n is kSignal + n, as a shell has it.
constexpr u64 kSignal = 128;

// 0, or the errno that the program saw.
using Operation = i64 (*)(User&);

i64 outcome_of(u64 status) {
  return (status & 0x7f) != 0 ? static_cast<i64>(kSignal + (status & 0x7f))
                              : static_cast<i64>(status >> 8 & 0xff);
}

// A child's outcome. If there is no memory for the status the child waits to be
// asked for again.
i64 reap(User& user, i64 pid) {
  i64 reaped = wait4(user, pid, kScratch);
  for (int i = 0; i < 3 && reaped == -ENOMEM; ++i) {
    reaped = wait4(user, pid, kScratch);
  }
  EXPECT_EQ(reaped, pid);
  return reaped == pid ? outcome_of(user.load(kScratch) & 0xffff) : -reaped;
}

i64 fork_and_wait(User& user) {
  user.store(kScratch, 7);
  const i64 pid = user.fork([](User& child) {
    child.store(kScratch, 8);
    return child.load(kScratch) == 8 ? 0 : 99;
  });
  return pid < 0 ? -pid : reap(user, pid);
}

i64 exec(User& user) {
  user.store_text(kPath, "/bin/other");
  user.store(kArgv, kPath);
  user.store(kArgv + 8, 0);
  return -call(user, Nr::kExecve, kPath, kArgv, kArgv + 8);
}

i64 exec_and_wait(User& user) {
  const i64 pid =
      user.fork([](User& child) { return static_cast<i32>(exec(child)); });
  return pid < 0 ? -pid : reap(user, pid);
}

i64 vfork_exec_and_wait(User& user) {
  constexpr u64 kVforkFlags = 0x4000 | 0x100 | 17;
  const i64 pid =
      user.spawn([](User& child) { return static_cast<i32>(exec(child)); },
                 static_cast<u64>(Nr::kClone), {kVforkFlags});
  return pid < 0 ? -pid : reap(user, pid);
}

// ---- threads

constexpr u64 kTid = kScratch + 64;
constexpr u64 kMade = kScratch + 72;
constexpr u64 kThreadFlags = 0x100 | 0x200 | 0x400 | 0x800 | 0x1'0000 |
                             0x10'0000 | 0x20'0000;  // as pthread_create

// `body` runs in a thread of the same process, whose tid is at kTid until it
// ends. The tid, or a negated errno.
i64 make_thread(User& user, std::function<void(User&)> body) {
  // Places of the arguments differ; both candidates say the same.
  return user.spawn(
      [body = std::move(body)](User& thread) {
        body(thread);
        (void)call(thread, Nr::kExit, 0);
        return 0;
      },
      static_cast<u64>(Nr::kClone), {kThreadFlags, 0, kTid, kTid, kTid});
}

void wait_while(User& user, u64 address, u32 value) {
  constexpr u64 kWait = 0;
  while (static_cast<u32>(user.load(address)) == value) {
    (void)call(user, Nr::kFutex, address, kWait, value, 0);
  }
}

i64 thread_and_join(User& user) {
  user.store(kMade, 1);
  user.store(kTid, 0);
  const i64 tid =
      make_thread(user, [](User& thread) { thread.store(kMade, 2); });
  if (tid < 0) {
    // A clone that failed has written nothing.
    EXPECT_EQ(user.load(kTid), 0u);
    return -tid;
  }
  wait_while(user, kTid, static_cast<u32>(tid));
  EXPECT_EQ(user.load(kMade), 2u);
  return 0;
}

// The second of three threads becomes another program.
i64 exec_with_threads(User& user) {
  const i64 pid = user.fork([](User& child) {
    child.store(kMade, 0);
    i64 tid = make_thread(child, [](User& thread) {
      for (;;) wait_while(thread, kMade, 0);
    });
    if (tid < 0) return static_cast<i32>(-tid);
    tid = make_thread(child, [](User& thread) {
      const i64 error = exec(thread);
      (void)call(thread, Nr::kExitGroup, error);
    });
    if (tid < 0) return static_cast<i32>(-tid);
    for (;;) wait_while(child, kMade, 0);
  });
  return pid < 0 ? -pid : reap(user, pid);
}

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

i64 grow_stack(User& user) {
  const u64 low = user.sp() - 300 * 1024;
  user.store(low, 5);
  const i64 pid = user.fork([low](User& child) {
    child.store(low - 100 * 1024, 6);
    return child.load(low) == 5 ? 0 : 99;
  });
  return pid < 0 ? -pid : reap(user, pid);
}

struct Run {
  i64 outcome = 0;
  u64 passed = 0;
  bool hit = false;
};

// A process of its own does it, so that its end is the worst that can happen.
// The `first` site from the start fails, then the `second` of those after.
Run run_once(User& user, Operation operation, u64 first, u64 second) {
  Run run;
  bool armed_second = second == 0;
  sim::Machine& machine = user.machine();
  const i64 pid = user.fork([&](User& worker) {
    machine.on_step = [&] {
      if (armed_second || fault_injection.passed < first) return;
      armed_second = true;
      fault_injection.arm(second);
    };
    fault_injection.arm(first);
    const i64 error = operation(worker);
    return static_cast<i32>(error);
  });
  EXPECT_GT(pid, 0);
  run.outcome = reap(user, pid);
  run.passed = fault_injection.passed;
  run.hit = first != 0 && fault_injection.countdown == 0 &&
            (second == 0 || armed_second);
  fault_injection.arm(0);
  machine.on_step = nullptr;
  // Want of memory may have ended the worker before it waited for its child.
  constexpr u64 kNoHang = 1;
  while (call(user, Nr::kWait4, ~u64{0}, 0, kNoHang, 0) > 0) {
  }
  return run;
}

struct Sweep {
  const char* name;
  Operation operation;
  const char* command_line;
  // A page that cannot be had for what was mapped ends the process at once.
  bool may_die = false;
  // A stack that cannot grow is a wild address (expand_stack() of Linux).
  bool may_fault = false;
};

std::ostream& operator<<(std::ostream& out, const Sweep& sweep) {
  return out << sweep.name << sweep.command_line;
}

class FaultSweep : public testing::TestWithParam<Sweep> {};

void expect_documented(i64 outcome, const Sweep& sweep) {
  const bool documented = outcome == 0 || outcome == ENOMEM ||
                          outcome == ENFILE || outcome == EAGAIN ||
                          outcome == ENOSPC ||
                          (sweep.may_die && outcome == kSignal + 9) ||
                          (sweep.may_fault && outcome == kSignal + 11);
  EXPECT_TRUE(documented) << "outcome " << outcome;
}

class Sweeper {
 public:
  Sweeper(User& user, Operation operation)
      : user_(user), operation_(operation) {
    // Slabs and handle tables reach their size.
    for (int i = 0; i < 4; ++i) retry();
    before_ = System::counts();
    retry();
    EXPECT_EQ(System::counts(), before_) << "without any fault";
  }

  // False: there is no such site any more.
  bool fail(u64 first, u64 second, const Sweep& sweep) {
    SCOPED_TRACE(testing::Message() << "site " << first << ", " << second);
    const Run run = run_once(user_, operation_, first, second);
    const char* const site = fault_injection.last;
    if (!run.hit) return false;
    SCOPED_TRACE(site);
    expect_documented(run.outcome, sweep);
    EXPECT_EQ(System::counts(), before_);
    retry();
    EXPECT_EQ(System::counts(), before_) << "after the retry";
    sites_.insert(site);
    return true;
  }

  const std::set<std::string>& sites() const { return sites_; }

 private:
  void retry() { EXPECT_EQ(run_once(user_, operation_, 0, 0).outcome, 0); }

  User& user_;
  Operation operation_;
  System::Counts before_;
  std::set<std::string> sites_;
};

TEST_P(FaultSweep, EverySite) {
  const Sweep& sweep = GetParam();
  System system({.command_line = sweep.command_line});
  system.add_program("bin/other", [](User&) { return 0; });
  u64 count = 0;
  system.run([&](User& user) {
    Sweeper sweeper(user, sweep.operation);
    while (!testing::Test::HasFailure() && sweeper.fail(count + 1, 0, sweep)) {
      ++count;
    }
    std::cout << sweep.name << ": " << count << " sites, "
              << (testing::Test::HasFailure() ? "not all" : "all")
              << " recovered:";
    for (const std::string& site : sweeper.sites())
      std::cout << ' ' << site << ',';
    std::cout << '\n';
    return 0;
  });
  EXPECT_EQ(system.status(), 0u)
      << "site " << count + 1 << ' ' << fault_injection.last << '\n'
      << system.log();
  EXPECT_GT(count, 0u);
}

TEST_P(FaultSweep, Pairs) {
  Sweep sweep = GetParam();
  sweep.may_die = true;  // the second may hit the killing
  System system({.command_line = sweep.command_line});
  system.add_program("bin/other", [](User&) { return 0; });
  u64 first = 1;
  u64 second = 1;
  u64 pairs = 0;
  system.run([&](User& user) {
    Sweeper sweeper(user, sweep.operation);
    bool more = true;
    for (; more && !testing::Test::HasFailure(); ++first) {
      for (second = 1; second < 8; ++second) {
        if (!sweeper.fail(first, second, sweep)) break;
        ++pairs;
      }
      more = second > 1;
    }
    std::cout << sweep.name << ": " << pairs << " pairs\n";
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << "sites " << first << ", " << second << ' '
                                 << fault_injection.last << '\n'
                                 << system.log();
  EXPECT_GT(pairs, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultSweep,
    testing::Values(Sweep{"fork", fork_and_wait, ""},
                    Sweep{"fork", fork_and_wait, "tine.fork=eager"},
                    Sweep{"exec", exec_and_wait, ""},
                    Sweep{"vfork", vfork_exec_and_wait, ""},
                    Sweep{"threads", thread_and_join, ""},
                    Sweep{"exec with threads", exec_with_threads, ""},
                    Sweep{"mmap", map_and_unmap, ""},
                    Sweep{"brk", grow_break, ""},
                    Sweep{"pipe", pipe_write_and_read, ""},
                    Sweep{"map_file", map_file, "", true},
                    Sweep{"share_and_move", share_and_move, "", true},
                    Sweep{"move_private", move_private, "", true},
                    Sweep{"lock_and_advise", lock_and_advise, "", true},
                    Sweep{"resize_file", resize_file, "", true},
                    Sweep{"grow_stack", grow_stack, "", true, true}));

}  // namespace
}  // namespace tine
