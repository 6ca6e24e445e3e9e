#include "tests/sim/fault_sweep.h"

#include <cerrno>
#include <set>
#include <string>

#include "kernel/base/fault_site.h"

namespace tine {
namespace {

i64 outcome_of(u64 status) {
  return (status & 0x7f) != 0 ? static_cast<i64>(kSignal + (status & 0x7f))
                              : static_cast<i64>(status >> 8 & 0xff);
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

}  // namespace

i64 reap(User& user, i64 pid) {
  i64 reaped = wait4(user, pid, kScratch);
  for (int i = 0; i < 3 && reaped == -ENOMEM; ++i) {
    reaped = wait4(user, pid, kScratch);
  }
  EXPECT_EQ(reaped, pid);
  return reaped == pid ? outcome_of(user.load(kScratch) & 0xffff) : -reaped;
}

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
    // After some sites no other is reached: the operation ends there.
    while (!testing::Test::HasFailure() && sweeper.fail(first, 0, sweep)) {
      for (second = 1; second < 8; ++second) {
        if (!sweeper.fail(first, second, sweep)) break;
        ++pairs;
      }
      ++first;
    }
    std::cout << sweep.name << ": " << pairs << " pairs\n";
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << "sites " << first << ", " << second << ' '
                                 << fault_injection.last << '\n'
                                 << system.log();
  EXPECT_GT(pairs, 0u);
}

}  // namespace tine
