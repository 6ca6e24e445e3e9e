// The steps of a fork, as kernel and servers trace them: a fork that succeeds
// takes all of them in the documented order, and one that fails a prefix of
// them, then the documented steps that undo it (docs/fork-protocol.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "kernel/base/fault_site.h"
#include "tests/sim/system.h"

namespace tine {
namespace {

using enum TraceStep;
using Steps = std::vector<TraceStep>;

const Steps kFork = {kCallDelivered,  kCloneChecked, kCloneReserved,
                     kMmForkAsked,    kMmCharged,    kSpaceForked,
                     kTaskFilled,     kTidsWritten,  kThreadCloned,
                     kThreadPublished};

// What undoes a fork, by the last step that it took.
const std::map<TraceStep, Steps> kUndo = {
    {kCloneReserved, {kCloneReleased}},
    {kMmForkAsked, {kMmForkUndone, kCloneReleased}},
    {kMmCharged, {kBatchFailed, kMmForkUndone, kCloneReleased}},
    {kSpaceForked, {kBatchFailed, kMmForkUndone, kCloneReleased}},
    {kTaskFilled, {kMmAborted, kSpaceDestroyed, kCloneUndone}},
    {kTidsWritten,
     {kBatchFailed, kRingsTakenBack, kMmAborted, kSpaceDestroyed,
      kCloneUndone}},
};

constexpr u64 kChildTid = sim::kDataAddress + 256;

// fork() as C libraries make it.
i64 fork_with_tid(User& user, const sim::Script& child) {
  constexpr u64 kFlags = 0x0100'0000 | 0x0020'0000 | 17;  // SETTID, CLEARTID
  return user.spawn(child, static_cast<u64>(Nr::kClone),
                    {kFlags, 0, 0, kChildTid, kChildTid});
}

std::vector<std::string> names(const Steps& steps) {
  std::vector<std::string> names;
  for (const TraceStep step : steps) names.push_back(trace_step_name(step));
  return names;
}

Steps steps_of(const std::vector<TraceRecord>& records) {
  Steps steps;
  for (const TraceRecord& record : records) steps.push_back(record.step);
  return steps;
}

// Of the first call in them: the child may run before its parent does.
Steps until_answered(Steps steps) {
  const auto answered = std::find(steps.begin(), steps.end(), kCallAnswered);
  if (answered != steps.end()) steps.erase(answered + 1, steps.end());
  return steps;
}

Steps operator+(Steps steps, const Steps& more) {
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

// The servers below read what is in their rings.
void drain_rings(User& user) {
  EXPECT_EQ(call(user, Nr::kClose, 99), -EBADF);
  EXPECT_GT(call(user, Nr::kBrk, 0), 0);
}

TEST(Trace, AForkTakesAllStepsInOrder) {
  System system({.command_line = "tine.trace=fork"});
  system.run([&](User& user) {
    drain_rings(user);
    system.clear_trace();
    const i64 pid = fork_with_tid(user, [](User& child) {
      EXPECT_NE(child.load(kChildTid), 0u);
      drain_rings(child);
      return 0;
    });
    const Steps steps = until_answered(steps_of(system.trace()));
    EXPECT_EQ(names(steps), names(kFork + Steps{kCallAnswered}));
    u64 child = 0;
    u64 mm = 0;
    for (const TraceRecord& record : system.trace()) {
      if (record.step == kThreadPublished) child = record.transaction;
      if (record.step == kMmCharged) mm = record.transaction;
      if (record.step == kSpaceForked) {
        EXPECT_EQ(record.transaction, mm);
      }
    }

    // The child may have run already.
    EXPECT_EQ(wait4(user, pid, 0), pid);
    // The servers below learn of the child once, the vfs server before it looks
    // at the child's first call.
    u64 files = 0;
    u64 mms = 0;
    u64 calls = 0;
    u64 answers = 0;
    for (const TraceRecord& record : system.trace()) {
      mms += record.step == kMmLearned && record.transaction == mm;
      if (record.transaction != child) continue;
      if (record.step == kFilesLearned) {
        EXPECT_EQ(answers, 0u);
        ++files;
      }
      calls += record.step == kCallDelivered;
      answers += record.step == kCallAnswered;
    }
    EXPECT_EQ(files, 1u);
    EXPECT_EQ(mms, 1u);
    EXPECT_EQ(calls, 3u);  // close, brk, exit_group
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
}

// Of whichever server carries a call out. A child begins by leaving the call
// that made it, and nobody leaves the call that ends him.
TEST(Trace, CallsAreEnteredAndLeftInTurns) {
  System system({.command_line = "tine.trace=calls tine.trace=fork"});
  system.run([&](User& user) {
    drain_rings(user);
    const i64 pid = user.fork([](User& child) {
      drain_rings(child);
      EXPECT_EQ(call(child, Nr::kSchedYield), 0);
      return 0;
    });
    EXPECT_EQ(wait4(user, pid, 0), pid);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  std::map<u64, bool> is_inside = {{1, false}};
  std::map<u64, unsigned> entered;
  for (const TraceRecord& record : system.trace()) {
    const u64 tid = record.transaction & 0xffff'ffff;
    if (record.step == kCallEntered) {
      ASSERT_TRUE(is_inside.contains(tid) && !is_inside[tid]) << tid;
      is_inside[tid] = true;
      ++entered[tid];
    } else if (record.step == kCallLeft) {
      ASSERT_TRUE(!is_inside.contains(tid) || is_inside[tid]) << tid;
      is_inside[tid] = false;
    }
  }
  EXPECT_EQ(is_inside, (std::map<u64, bool>{{1, true}, {2, true}}));
  EXPECT_EQ(entered[1], 5u);  // close, brk, clone, wait4, exit_group
  EXPECT_EQ(entered[2], 4u);  // close, brk, sched_yield, exit_group
}

TEST(Trace, WithoutTheWordThereIsNone) {
  System system;
  system.run([&](User& user) {
    const i64 pid = user.fork([](User&) { return 0; });
    EXPECT_EQ(wait4(user, pid, 0), pid);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u);
  EXPECT_TRUE(system.trace().empty());
  EXPECT_EQ(system.log().find("trace: "), std::string::npos);
}

// What a failed fork did, after its forward steps.
Steps undo_of(const Steps& steps, TraceStep* last) {
  const auto [took, rest] =
      std::mismatch(kFork.begin(), kFork.end(), steps.begin(), steps.end());
  EXPECT_NE(rest, steps.begin());
  *last = took[-1];
  return {rest, steps.end()};
}

// What came of a fork whose `site`-th fallible step failed, and the one after
// it if `twice`: what the kernel cannot do for want of memory, the memory
// server tries again.
struct FailedFork {
  i64 pid = 0;  // 0: who forked was killed for want of memory
  bool hit = false;
  Steps steps;
};

// A process of its own forks, since its end is the worst that can happen.
FailedFork fail_fork(System& system, User& user, u64 site, bool twice) {
  FailedFork result;
  sim::Machine& machine = user.machine();
  bool armed_second = !twice;
  const i64 worker = user.fork([&](User& parent) {
    drain_rings(parent);
    parent.store(kChildTid, 0);
    machine.on_step = [&] {
      if (armed_second || fault_injection.passed < site) return;
      armed_second = true;
      fault_injection.arm(1);
    };
    system.clear_trace();
    fault_injection.arm(site);
    result.pid = fork_with_tid(parent, [](User&) { return 0; });
    result.hit = armed_second && fault_injection.countdown == 0;
    result.steps = until_answered(steps_of(system.trace()));
    machine.on_step = nullptr;
    fault_injection.arm(0);
    if (result.pid > 0) {
      EXPECT_EQ(wait4(parent, result.pid, 0), result.pid);
    }
    return 0;
  });
  EXPECT_EQ(wait4(user, worker, 0), worker);
  machine.on_step = nullptr;
  fault_injection.arm(0);
  if (result.pid != 0) return result;
  result.hit = true;
  result.steps = steps_of(system.trace());
  const auto killed =
      std::find(result.steps.begin(), result.steps.end(), kThreadKilled);
  EXPECT_NE(killed, result.steps.end());
  result.steps.erase(killed, result.steps.end());
  return result;
}

// False: there is no such site.
bool check_failed_fork(System& system, User& user, u64 site, bool twice,
                       std::set<TraceStep>& reached) {
  SCOPED_TRACE(testing::Message() << "site " << site << ", twice: " << twice);
  const auto before = System::counts();
  FailedFork fork = fail_fork(system, user, site, twice);
  EXPECT_EQ(System::counts(), before);
  if (fork.pid > 0) {
    // What failed can be done without.
    EXPECT_EQ(names(fork.steps), names(kFork + Steps{kCallAnswered}));
    return fork.hit;
  }
  EXPECT_TRUE(fork.pid == -ENOMEM || fork.pid == -EAGAIN || fork.pid == 0);
  if (fork.pid != 0) {
    EXPECT_EQ(fork.steps.back(), kCallAnswered);
    fork.steps.pop_back();
  }
  TraceStep last = kNone;
  const Steps undo = undo_of(fork.steps, &last);
  reached.insert(last);
  // Nothing was done yet, or at most a reference is released.
  const bool early =
      last == kCloneChecked && (undo.empty() || undo == Steps{kCloneReleased});
  if (early) return true;
  const auto found = kUndo.find(last);
  EXPECT_EQ(names(undo), names(found != kUndo.end() ? found->second : Steps{}))
      << fault_injection.last << ", last step " << trace_step_name(last);
  return true;
}

TEST(Trace, AFailedForkIsUndoneStepByStep) {
  System system({.command_line = "tine.trace=fork"});
  std::set<TraceStep> reached;
  u64 sites = 0;
  system.run([&](User& user) {
    for (const bool twice : {false, true}) {
      for (u64 site = 1; check_failed_fork(system, user, site, twice, reached);
           ++site) {
        ++sites;
        if (testing::Test::HasFailure()) return 1;
      }
    }
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  EXPECT_GT(sites, 20u);
  // Every step that something can fail behind was the last of some fork.
  for (const TraceStep step : {kCloneChecked, kCloneReserved, kMmForkAsked,
                               kMmCharged, kTaskFilled, kTidsWritten}) {
    EXPECT_TRUE(reached.contains(step)) << trace_step_name(step);
  }
}

}  // namespace
}  // namespace tine
