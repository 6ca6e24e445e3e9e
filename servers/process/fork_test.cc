// Forks and their ends: what a child is, who waits for it, what a failure
// leaves.
#include <array>
#include <optional>
#include <set>

#include "kernel/base/fault_site.h"
#include "servers/linux_abi/arch/clone_arguments.h"
#include "servers/process/process_server_fixture.h"

namespace tine::process {
namespace {

TEST_F(ProcessServerTest, StartsInitWithArgumentsOnItsStack) {
  EXPECT_EQ(system_.call(init_, Nr::kGetpid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kGetppid), 0);
  FakeSystem::Space& space = space_of(1);
  EXPECT_TRUE(space.committed);
  const auto& frame = system_.thread_of(1)->frame;
  EXPECT_EQ(frame.pc, kCode + 0x100);
  EXPECT_EQ(frame.sp % 16, 0U);
  EXPECT_EQ(system_.peek<u64>(space, frame.sp), 1U);
  EXPECT_EQ(system_.peek_text(space, system_.peek<u64>(space, frame.sp + 8)),
            "/init");
  EXPECT_EQ(system_.peek<u64>(space, frame.sp + 16), 0U);
  EXPECT_EQ(system_.peek_text(space, system_.peek<u64>(space, frame.sp + 24)),
            "HOME=/");
}

TEST_F(ProcessServerTest, ForkExitWait) {
  const i64 pid = fork(init_);
  ASSERT_EQ(pid, 2);
  const u64 child = system_.cookie_of(pid);
  EXPECT_EQ(system_.call(child, Nr::kGetpid), 2);
  EXPECT_EQ(system_.call(child, Nr::kGetppid), 1);
  system_.poke(space_of(1), kData, i32{0});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, kData}), std::nullopt);
  const u64 waiting = system_.last_token;
  EXPECT_EQ(system_.call(child, Nr::kExitGroup, {0x1203}), std::nullopt);
  EXPECT_EQ(result_of(waiting), 2);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x300);
  expect_only_init();
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), -kEchild);
}

TEST_F(ProcessServerTest, ZombieIsReapedOnceAndItsPidComesNoSooner) {
  const i64 pid = fork(init_);
  system_.call(system_.cookie_of(pid), Nr::kExit, {1});
  EXPECT_EQ(fork(init_), pid + 1);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), -kEchild);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), -kEsrch);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 1}), 0);
}

TEST_F(ProcessServerTest, WaitTellsBadArguments) {
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 4}), -kEinval);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {0x8000'0000}), -kEsrch);
  const i64 pid = fork(init_);
  system_.call(system_.cookie_of(pid), Nr::kExit, {1});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), 0x10}), -kEfault);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), -kEchild);
}

TEST_F(ProcessServerTest, CloneChecksItsFlags) {
  for (const u64 flags : {0x10011ull, 0x811ull, 0x1000'0011ull, 0x40'1011ull}) {
    EXPECT_EQ(system_.call(init_, Nr::kClone, {flags}), -kEinval) << flags;
  }
  EXPECT_EQ(system_.call(init_, Nr::kClone, {0x8011}), -kEinval);  // PARENT
  expect_only_init();
}

TEST_F(ProcessServerTest, FailedCommitUndoesTheClone) {
  system_.poke(space_of(1), kData, i32{-1});
  system_.fail_clones = 1;
  EXPECT_EQ(fork(init_), -kEagain);
  expect_only_init();
  system_.fail_clones = 1;
  EXPECT_EQ(system_.call(init_, Nr::kClone, {0x4111}), -kEagain);  // vfork
  expect_only_init();
  EXPECT_GT(fork(init_), 0);
}

TEST_F(ProcessServerTest, EveryFallibleSiteOfForkIsUndone) {
  bool succeeded = false;
  for (u64 k = 1; !succeeded && k < 50; ++k) {
    fault_injection.arm(k);
    const i64 pid = fork(init_);
    fault_injection.arm(0);
    if (pid > 0) {
      succeeded = true;
      EXPECT_GT(k, 3U);
      system_.call(system_.cookie_of(pid), Nr::kExit, {0});
      EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    } else {
      EXPECT_EQ(pid, -kEagain);
    }
    expect_only_init();
  }
  EXPECT_TRUE(succeeded);
}

TEST_F(ProcessServerTest, StoresTidsInChildAndParent) {
  system_.poke(space_of(1), kData, std::array<i32, 2>{-1, -1});
  const u64 parent_tid = kData;
  const u64 child_tid = kData + 4;
  std::array<u64, 6> arguments{0x0130'0011, 0, parent_tid};
  arguments[linux_abi::kCloneChildTidArgument] = child_tid;
  const i64 pid = system_.call(init_, Nr::kClone, arguments).value();
  using Words = std::array<i32, 2>;
  EXPECT_EQ(system_.peek<Words>(space_of(1), kData), (Words{i32(pid), -1}));
  EXPECT_EQ(system_.peek<Words>(space_of(pid), kData), (Words{-1, i32(pid)}));
}

TEST_F(ProcessServerTest, VforkParentWaitsForExecOrExit) {
  for (const bool execs : {false, true}) {
    const std::set<u64> before = system_.cookies();
    EXPECT_EQ(system_.call(init_, Nr::kClone, {0x4111}), std::nullopt);
    const u64 waiting = system_.last_token;
    const u64 child = system_.only_new_cookie(before);
    const i64 pid = system_.call(child, Nr::kGetpid).value();
    EXPECT_EQ(&space_of(1), &space_of(pid));
    EXPECT_FALSE(system_.answers.contains(waiting));
    if (execs) {
      system_.poke_text(space_of(1), kData, "/init");
      EXPECT_EQ(system_.call(child, Nr::kExecve, {kData}), 0);
      EXPECT_NE(&space_of(1), &space_of(pid));
      EXPECT_EQ(result_of(waiting), pid);
    }
    system_.call(child, Nr::kExit, {0});
    EXPECT_EQ(result_of(waiting), pid);
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    expect_only_init();
  }
}

TEST_F(ProcessServerTest, OrphansGoToInit) {
  const i64 middle = fork(init_);
  const i64 leaf = fork(system_.cookie_of(middle));
  const i64 zombie = fork(system_.cookie_of(middle));
  system_.call(system_.cookie_of(zombie), Nr::kExit, {9});
  system_.call(system_.cookie_of(middle), Nr::kExit, {0});
  EXPECT_EQ(system_.call(system_.cookie_of(leaf), Nr::kGetppid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(zombie)}), zombie);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(middle)}), middle);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}, 0, 1}), 0);
}

TEST_F(ProcessServerTest, NprocLimitHoldsForUsers) {
  const i64 pid = fork(init_);
  const u64 user = system_.cookie_of(pid);
  system_.poke(space_of(pid), kData, linux_abi::Rlimit{3, 3});
  EXPECT_EQ(system_.call(user, Nr::kPrlimit64, {0, 6, kData}), 0);
  EXPECT_EQ(system_.call(user, Nr::kSetresuid, {1000, 1000, 1000}), 0);
  EXPECT_EQ(system_.call(user, Nr::kSetuid, {0}), -kEperm);
  EXPECT_GT(fork(user), 0);
  const i64 last = fork(user);
  EXPECT_GT(last, 0);
  EXPECT_EQ(fork(user), -kEagain);
  system_.call(system_.cookie_of(last), Nr::kExit, {0});
  EXPECT_EQ(fork(user), -kEagain);  // a zombie counts
  EXPECT_EQ(system_.call(user, Nr::kWait4, {u64(last)}), last);
  EXPECT_GT(fork(user), 0);
  EXPECT_EQ(system_.call(user, Nr::kKill, {1, 0}), -kEperm);
}

TEST_F(ProcessServerTest, FortyThousandForksLeaveNothingBehind) {
  std::set<i64> pids;
  for (int i = 0; i < 40'000; ++i) {
    const i64 pid = fork(init_);
    ASSERT_GT(pid, 1);
    ASSERT_LT(pid, kPidMax);
    system_.call(system_.cookie_of(pid), Nr::kExitGroup, {0});
    ASSERT_EQ(system_.call(init_, Nr::kWait4, {~u64{0}}), pid);
  }
  expect_only_init();
  EXPECT_EQ(system_.call(init_, Nr(9999)), -kEnosys);
}

}  // namespace
}  // namespace tine::process
