// SIGKILL for processes whose system call waits, and among siblings.
// feature-map: 104
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr int kRounds = 1000;

// Waits in one of the calls that can wait, for longer than the test runs.
void wait_somehow(int way) {
  const timespec long_time{1000, 0};
  switch (way % 4) {
    case 0:
      // The grandchild outlives its parent and ends by itself.
      start_child([] {
        const timespec short_time{0, 2'000'000};
        nanosleep(&short_time, nullptr);
        return 0;
      });
      for (;;) {
        wait_for(-1);
        nanosleep(&long_time, nullptr);
      }
    case 1:
      nanosleep(&long_time, nullptr);
      return;
    case 2: {
      const uint32_t word = 0;
      syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, &long_time, nullptr, 0);
      return;
    }
    default: {
      sigset_t set;
      sigemptyset(&set);
      sigaddset(&set, SIGUSR1);
      sigprocmask(SIG_BLOCK, &set, nullptr);
      sigtimedwait(&set, nullptr, &long_time);
    }
  }
}

TEST(KillWaiting, EachKindOfWait) {
  for (int round = 0; round < kRounds; ++round) {
    const pid_t child = start_child([round] {
      wait_somehow(round);
      return 1;
    });
    ASSERT_GT(child, 0) << round;
    // Before it runs, or while it waits.
    for (int turns = round % 5; turns > 0; --turns) sched_yield();
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(wait_for(child), -SIGKILL) << round;
  }
}

TEST(KillWaiting, ParentInVfork) {
  for (int round = 0; round < 100; ++round) {
    const pid_t parent = start_child([] {
      const pid_t child = vfork();
      if (child == 0) {
        kill(getppid(), SIGKILL);
        _exit(0);
      }
      return 1;
    });
    ASSERT_EQ(wait_for(parent), -SIGKILL) << round;
  }
}

TEST(KillWaiting, SiblingsThatKillOneAnother) {
  constexpr int kSiblings = 40;
  struct Board {
    std::atomic<int> started;
    std::atomic<pid_t> pids[kSiblings];
  };
  Shared<Board> board;
  for (int i = 0; i < kSiblings; ++i) {
    board->pids[i] = start_child([&board, i] {
      while (board->started == 0) sched_yield();
      for (int turn = 0; turn < 100; ++turn) {
        const pid_t other = board->pids[(turn * 31 + i * 17) % kSiblings];
        if (other != getpid()) kill(other, SIGKILL);
        run_child([] { return 0; });
      }
      return 0;
    });
    ASSERT_GT(board->pids[i], 0);
  }
  board->started = 1;
  for (const auto& pid : board->pids) {
    const int end = wait_for(pid);
    EXPECT_TRUE(end == 0 || end == -SIGKILL) << end;
  }
}

}  // namespace
}  // namespace tine::guest
