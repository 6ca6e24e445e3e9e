// Fails the k-th fallible step of an operation, for every k: the caller gets a
// documented errno, nothing is left behind, and a retry succeeds.
#include <gtest/gtest.h>

#include <cerrno>
#include <iostream>
#include <set>

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
};

std::ostream& operator<<(std::ostream& out, const Sweep& sweep) {
  return out << sweep.name << sweep.command_line;
}

class FaultSweep : public testing::TestWithParam<Sweep> {};

void expect_documented(i64 outcome, bool may_die) {
  const bool documented = outcome == 0 || outcome == ENOMEM ||
                          outcome == ENFILE || outcome == EAGAIN ||
                          (may_die && outcome == kSignal + 9);
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
  bool fail(u64 first, u64 second, bool may_die) {
    SCOPED_TRACE(testing::Message() << "site " << first << ", " << second);
    const Run run = run_once(user_, operation_, first, second);
    const char* const site = fault_injection.last;
    if (!run.hit) return false;
    SCOPED_TRACE(site);
    expect_documented(run.outcome, may_die);
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
    while (!testing::Test::HasFailure() && sweeper.fail(count + 1, 0, false)) {
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
  const Sweep& sweep = GetParam();
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
        if (!sweeper.fail(first, second, true)) break;
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
                    Sweep{"mmap", map_and_unmap, ""},
                    Sweep{"brk", grow_break, ""},
                    Sweep{"pipe", pipe_write_and_read, ""}));

}  // namespace
}  // namespace tine
