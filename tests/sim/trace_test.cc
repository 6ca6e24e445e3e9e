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
    const Steps steps = steps_of(system.trace());
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

    system.clear_trace();
    EXPECT_EQ(wait4(user, pid, 0), pid);
    // The servers below learn of the child once, the vfs server before it looks
    // at the child's first call.
    u64 files = 0;
    u64 mms = 0;
    u64 calls = 0;
    for (const TraceRecord& record : system.trace()) {
      if (record.step == kFilesLearned && record.transaction == child) {
        EXPECT_EQ(calls, 0u);
        ++files;
      }
      mms += record.step == kMmLearned && record.transaction == mm;
      if (record.step != kCallDelivered || record.transaction != child)
        continue;
      ++calls;
    }
    EXPECT_EQ(files, 1u);
    EXPECT_EQ(mms, 1u);
    EXPECT_EQ(calls, 3u);  // close, brk, exit_group
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
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

TEST(Trace, AFailedForkIsUndoneStepByStep) {
  System system({.command_line = "tine.trace=fork"});
  std::set<TraceStep> reached;
  u64 site = 1;
  system.run([&](User& user) {
    for (;; ++site) {
      drain_rings(user);
      const auto before = System::counts();
      system.clear_trace();
      fault_injection.arm(site);
      const i64 pid = fork_with_tid(user, [](User&) { return 0; });
      const bool hit = fault_injection.countdown == 0;
      fault_injection.arm(0);
      const Steps steps = steps_of(system.trace());
      if (pid > 0) {
        EXPECT_EQ(wait4(user, pid, 0), pid);
        if (!hit) return 0;
        // What failed can be done without.
        EXPECT_EQ(names(steps), names(kFork + Steps{kCallAnswered}));
        continue;
      }
      EXPECT_TRUE(pid == -ENOMEM || pid == -EAGAIN) << pid;
      EXPECT_EQ(System::counts(), before);
      TraceStep last = kNone;
      const Steps undo = undo_of(steps, &last);
      reached.insert(last);
      // Nothing was done yet, or at most a task is released.
      const bool early = last == kCloneChecked &&
                         (undo == Steps{kCallAnswered} ||
                          undo == Steps{kCloneReleased, kCallAnswered});
      if (!early) {
        const auto found = kUndo.find(last);
        EXPECT_EQ(names(undo),
                  names((found != kUndo.end() ? found->second : Steps{}) +
                        Steps{kCallAnswered}))
            << "site " << site << ' ' << fault_injection.last << ", last step "
            << trace_step_name(last);
      }
      if (testing::Test::HasFailure()) return 1;
    }
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  EXPECT_GT(site, 10u);
  // Every step that something can fail behind was the last of some fork.
  for (const TraceStep step : {kCloneChecked, kCloneReserved, kMmForkAsked,
                               kMmCharged, kTaskFilled, kTidsWritten}) {
    EXPECT_TRUE(reached.contains(step)) << trace_step_name(step);
  }
}

}  // namespace
}  // namespace tine
