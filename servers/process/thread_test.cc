// Threads of a process: their end, their exec, their futexes.
#include <array>
#include <optional>
#include <set>

#include "kernel/base/fault_site.h"
#include "servers/process/process_server_fixture.h"

namespace tine::process {
namespace {

TEST_F(ProcessServerTest, AThreadIsOneOfItsProcess) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const i64 tid = make_thread(leader);
  ASSERT_GT(tid, pid);
  const u64 thread = system_.cookie_of(tid);
  EXPECT_EQ(system_.call(thread, Nr::kGetpid), pid);
  EXPECT_EQ(system_.call(thread, Nr::kGettid), tid);
  EXPECT_EQ(system_.call(thread, Nr::kGetppid), 1);
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(tid)}), -kEchild);
  // The leader's end alone reports nothing; its pid stays.
  system_.call(leader, Nr::kExit, {3});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), 0, 1}), 0);
  EXPECT_EQ(system_.call(init_, Nr::kKill, {u64(pid), 0}), 0);
  system_.call(thread, Nr::kExit, {4});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x400);
  expect_only_init();
}

TEST_F(ProcessServerTest, ExitGroupEndsAllThreads) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  u64 last = 0;
  for (int i = 0; i < 40; ++i) last = system_.cookie_of(make_thread(leader));
  system_.call(last, Nr::kExitGroup, {9});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
  EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x900);
  expect_only_init();
}

TEST_F(ProcessServerTest, AThreadThatExecsBecomesTheLeader) {
  for (const bool leader_lives : {false, true}) {
    const i64 pid = fork(init_);
    const u64 leader = system_.cookie_of(pid);
    const i64 tid = make_thread(leader);
    (void)make_thread(leader);
    const u64 thread = system_.cookie_of(tid);
    system_.poke_text(space_of(pid), kData, "/init");
    if (!leader_lives) system_.call(leader, Nr::kExit, {3});
    system_.files["/bad"] = {1, 2, 3};
    system_.poke_text(space_of(tid), kData + 0x100, "/bad");
    EXPECT_EQ(system_.call(thread, Nr::kExecve, {kData + 0x100}), -kEnoexec);
    EXPECT_EQ(system_.cookies().size(), leader_lives ? 4U : 3U);
    EXPECT_EQ(system_.call(thread, Nr::kExecve, {kData}), 0);
    EXPECT_EQ(system_.call(thread, Nr::kGettid), pid);
    EXPECT_EQ(system_.cookies().size(), 2U);
    EXPECT_EQ(system_.call(init_, Nr::kTkill, {u64(tid), 0}), -kEsrch);
    system_.call(thread, Nr::kExit, {5});
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid), kData}), pid);
    EXPECT_EQ(system_.peek<i32>(space_of(1), kData), 0x500);
    expect_only_init();
  }
}

TEST_F(ProcessServerTest, ChildrenOfAThreadStayWithItsProcess) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const u64 thread = system_.cookie_of(make_thread(leader));
  const i64 child = fork(thread);
  constexpr u64 kNoThread = 0x2000'0000;
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread}),
            -kEchild);
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, 1}), 0);
  system_.call(thread, Nr::kExit, {0});
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread | 1}), 0);
  EXPECT_EQ(system_.call(system_.cookie_of(child), Nr::kGetppid), pid);
  system_.call(system_.cookie_of(child), Nr::kExit, {0});
  EXPECT_EQ(system_.call(leader, Nr::kWait4, {~u64{0}, 0, kNoThread}), child);
  system_.call(leader, Nr::kExit, {0});
  EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
  expect_only_init();
}

TEST_F(ProcessServerTest, EveryFallibleSiteOfThreadsIsUndone) {
  for (const u64 flags : {kThreadFlags, u64{0x911}, u64{0x911}}) {
    bool succeeded = false;
    const i64 pid = fork(init_);
    const u64 leader = system_.cookie_of(pid);
    for (u64 k = 1; !succeeded && k < 50; ++k) {
      fault_injection.arm(k);
      const i64 tid = system_.call(leader, Nr::kClone, {flags}).value();
      fault_injection.arm(0);
      succeeded = tid > 0;
      EXPECT_TRUE(succeeded || tid == -kEagain || tid == -12) << tid;
      EXPECT_EQ(system_.cookies().size(), succeeded ? 3U : 2U);
    }
    EXPECT_TRUE(succeeded);
    while (system_.cookies().size() > 1) {
      const std::set<u64> cookies = system_.cookies();
      system_.call(
          *cookies.begin() == init_ ? *cookies.rbegin() : *cookies.begin(),
          Nr::kExitGroup, {0});
    }
    EXPECT_EQ(system_.call(init_, Nr::kWait4, {u64(pid)}), pid);
    while (system_.call(init_, Nr::kWait4, {~u64{0}, 0, 0x4000'0001}) > 0) {
    }
    expect_only_init();
  }
}

// Two words of two processes: only the waiters of one are woken, in order.
TEST_F(ProcessServerTest, FutexWaitersAreKnownByMmAndAddress) {
  const i64 pid = fork(init_);
  const u64 leader = system_.cookie_of(pid);
  const u64 second = system_.cookie_of(make_thread(leader));
  const u64 third = system_.cookie_of(make_thread(leader));
  system_.poke(space_of(pid), kData, std::array<u32, 2>{5, 6});
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 128, 4}), -kEagain);
  EXPECT_EQ(system_.call(second, Nr::kFutex, {kData, 128, 5}), std::nullopt);
  const u64 token2 = system_.last_token;
  EXPECT_EQ(system_.call(third, Nr::kFutex, {kData, 128, 5}), std::nullopt);
  const u64 token3 = system_.last_token;
  EXPECT_EQ(system_.call(init_, Nr::kFutex, {kData, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData + 4, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 129, 1}), 1);
  EXPECT_EQ(result_of(token2), 0);
  EXPECT_FALSE(system_.answers.contains(token3));
  // The last one is moved to the second word, and woken there.
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 131, 0, 9, kData + 4}), 1);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData, 129, 9}), 0);
  EXPECT_EQ(system_.call(leader, Nr::kFutex, {kData + 4, 129, 9}), 1);
  EXPECT_EQ(result_of(token3), 0);
}

}  // namespace
}  // namespace tine::process
