// Which clones there are and which are refused; threads without a library.
// feature-map: 33, 36, 72, 78, 79, 83, 84, 97, 101, 104
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/clone_calls.h"
#include "tests/guest/own_path.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

TEST(CloneFlags, ContradictionsAreRefused) {
  const uint64_t refused[] = {
      CLONE_THREAD | SIGCHLD,
      CLONE_THREAD | CLONE_VM | SIGCHLD,
      CLONE_SIGHAND | SIGCHLD,
      CLONE_SIGHAND | CLONE_FILES | SIGCHLD,
      CLONE_THREAD | CLONE_SIGHAND | SIGCHLD,
      CLONE_NEWNS | CLONE_FS | SIGCHLD,
      CLONE_NEWUSER | CLONE_FS | SIGCHLD,
      CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD,
      CLONE_PIDFD | CLONE_DETACHED | SIGCHLD,
      kThread | CLONE_NEWUSER,
      kThread | CLONE_NEWPID,
  };
  for (const uint64_t flags : refused) {
    EXPECT_EQ(try_clone(flags), -EINVAL) << std::hex << flags;
  }
}

TEST(CloneFlags, WhatIsAllowedWorks) {
  const uint64_t allowed[] = {
      SIGCHLD,
      CLONE_FILES | SIGCHLD,
      CLONE_FS | SIGCHLD,
      CLONE_FS | CLONE_FILES | SIGCHLD,
      CLONE_SYSVSEM | SIGCHLD,
      CLONE_IO | SIGCHLD,
      CLONE_UNTRACED | SIGCHLD,
      CLONE_PTRACE | SIGCHLD,
      CLONE_DETACHED | SIGCHLD,
      CLONE_VFORK | SIGCHLD,
      CLONE_VM | SIGCHLD,
      CLONE_VM | CLONE_SIGHAND | SIGCHLD,
      CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS | SIGCHLD,
  };
  for (const uint64_t flags : allowed) {
    const long pid = try_clone(flags);
    EXPECT_GT(pid, 0) << std::hex << flags;
    EXPECT_EQ(wait_all_kinds(pid), 0) << std::hex << flags;
  }
}

TEST(CloneFlags, ProcessesWithSharedActionsSeeEachOthersChanges) {
  static Stack stack;
  struct sigaction before{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &before), 0);
  const int pid = clone(
      [](void*) {
        std::signal(SIGUSR2, SIG_IGN);
        return getpid() == getppid() ? 1 : 0;
      },
      stack.top(), CLONE_VM | CLONE_SIGHAND | SIGCHLD, nullptr);
  EXPECT_EQ(wait_for(pid), 0);
  struct sigaction after{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  // A fork has its own again.
  EXPECT_EQ(run_child([&] { return std::signal(SIGUSR2, SIG_DFL) == SIG_IGN; }),
            1);
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  ASSERT_EQ(sigaction(SIGUSR2, &before, nullptr), 0);
}

// ---- threads without a library ---------------------------------------------

struct ThreadWords {
  std::atomic<int> parent_tid = 0;
  std::atomic<int> child_tid = 0;
  std::atomic<int> seen_tid = 0;
  std::atomic<int> seen_pid = 0;
  std::atomic<int> seen_words = 0;
};
ThreadWords words;

int raw_thread(void*) {
  words.seen_tid = static_cast<int>(raw_syscall(SYS_gettid));
  words.seen_pid = static_cast<int>(raw_syscall(SYS_getpid));
  words.seen_words =
      words.parent_tid == words.child_tid ? words.child_tid + 0 : -1;
  for (;;) raw_syscall(SYS_exit, 0);
}

TEST(CloneFlags, AThreadsTidIsInBothWordsBeforeItRunsAndClearedAtItsEnd) {
  static Stack stack;
  words.child_tid = words.parent_tid = -1;
  words.seen_pid = 0;
  const int tid = clone(
      raw_thread, stack.top(),
      static_cast<int>(kThread | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                       CLONE_CHILD_CLEARTID | CLONE_SYSVSEM),
      nullptr, &words.parent_tid, nullptr, &words.child_tid);
  ASSERT_GT(tid, 0);
  EXPECT_EQ(words.parent_tid, tid);
  // Which of the two runs first is nobody's promise.
  while (words.seen_pid == 0) sched_yield();
  while (words.child_tid == tid) {
    syscall(SYS_futex, &words.child_tid, 0 /* FUTEX_WAIT, shared */, tid,
            nullptr, nullptr, 0);
  }
  EXPECT_EQ(words.child_tid, 0);
  EXPECT_EQ(words.seen_tid, tid);
  EXPECT_EQ(words.seen_pid, getpid());
  EXPECT_EQ(words.seen_words, tid);
  EXPECT_EQ(wait4(tid, nullptr, __WALL, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(CloneFlags, BadTidWordsDoNotKeepAThreadFromRunning) {
  static Stack stack;
  words.seen_tid = 0;
  void* const nowhere = reinterpret_cast<void*>(64);
  const int tid =
      clone(raw_thread, stack.top(),
            static_cast<int>(kThread | CLONE_PARENT_SETTID |
                             CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID),
            nullptr, nowhere, nullptr, nowhere);
  ASSERT_GT(tid, 0);
  while (words.seen_tid != tid) sched_yield();
}

TEST(CloneFlags, VforkOfAThreadWaitsForItsEnd) {
  static Stack stack;
  words.seen_tid = 0;
  const int tid = clone(raw_thread, stack.top(),
                        static_cast<int>(kThread | CLONE_VFORK), nullptr);
  EXPECT_EQ(words.seen_tid, tid);
}

TEST(CloneFlags, ThreadsMayVforkAndExec) {
  std::vector<std::thread> threads;
  std::array<int, 3> ends{};
  for (int& end : ends) {
    threads.emplace_back([&end] {
      const pid_t pid = vfork();
      if (pid == 0) {
        execl(own_path().c_str(), "clone_flags_test", "--gtest_filter=None",
              nullptr);
        _exit(99);
      }
      end = wait_for(pid);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int end : ends) EXPECT_EQ(end, 0);
}

TEST(CloneFlags, CloneParentOfAThreadGivesItsProcesssParentAChild) {
  EXPECT_EQ(run_child([] {
              Shared<std::atomic<pid_t>> grandchild;
              const pid_t child = start_child([&] {
                std::thread([&] {
                  const long pid = raw_clone(CLONE_PARENT | SIGCHLD);
                  if (pid == 0) {
                    for (;;) raw_syscall(SYS_exit_group, 21);
                  }
                  *grandchild = static_cast<pid_t>(pid);
                }).join();
                return wait_for(*grandchild) == kNoChild ? 0 : 1;
              });
              CHILD_CHECK(wait_for(child) == 0);
              return wait_for(*grandchild);
            }),
            21);
}

}  // namespace
}  // namespace tine::guest
