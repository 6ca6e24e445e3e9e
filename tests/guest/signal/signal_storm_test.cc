// Very many signals, beside a process that must not notice.
// feature-map: 29, 92
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

volatile sig_atomic_t handled;
void count(int, siginfo_t*, void*) { handled = handled + 1; }

TEST(SignalStorm, TwentyThousandHandlers) {
  handled = 0;
  handle(SIGUSR1, count);
  for (int i = 0; i < 20'000; ++i) kill(getpid(), SIGUSR1);
  EXPECT_EQ(handled, 20'000);
  set_action(SIGUSR1, SIG_DFL);
}

TEST(SignalStorm, QueuedToTheLimitAndTakenAgain) {
  const sigset_t set = set_of({SIGRTMIN});
  block({SIGRTMIN});
  for (int round = 0; round < 20; ++round) {
    int sent = 0;
    sigval value{};
    while (sent < 500 && sigqueue(getpid(), SIGRTMIN, value) == 0) {
      value.sival_int = ++sent;
    }
    ASSERT_GT(sent, 0);
    siginfo_t info;
    for (int i = 0; i < sent; ++i) {
      ASSERT_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
      ASSERT_EQ(info.si_value.sival_int, i);
    }
    ASSERT_FALSE(is_pending(SIGRTMIN));
  }
  unblock({SIGRTMIN});
}

// Many processes signal each other and fork; a bystander computes.
TEST(SignalStorm, BesideABystander) {
  constexpr int kStormers = 8;
  struct Board {
    std::atomic<bool> ends;
    std::atomic<pid_t> pids[kStormers];
    std::atomic<long> handled[kStormers];
  };
  Shared<Board> board;
  static Shared<Board>* shared;
  static int self;
  shared = &board;
  const pid_t bystander = start_child([] {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < 3'000'000; ++i) {
      hash = (hash ^ static_cast<uint64_t>(i)) * 1099511628211u;
      if (i % 300'000 == 0) sched_yield();
    }
    uint64_t again = 14695981039346656037u;
    for (int i = 0; i < 3'000'000; ++i) {
      again = (again ^ static_cast<uint64_t>(i)) * 1099511628211u;
    }
    return hash == again ? 0 : 1;
  });
  for (int i = 0; i < kStormers; ++i) {
    // Inherited: the first signal may come before the child runs.
    handle(
        SIGUSR1, [](int, siginfo_t*, void*) { ++(*shared)->handled[self]; },
        i % 2 == 0 ? SA_RESTART : 0);
    const pid_t child = start_child([&board, i] {
      self = i;
      while (board->pids[kStormers - 1] == 0) sched_yield();
      for (int turn = 0; !board->ends; ++turn) {
        kill(board->pids[(i + turn) % kStormers], SIGUSR1);
        if (turn % 16 == 0) {
          const pid_t grandchild = fork();
          if (grandchild == 0) _exit(turn & 0x3f);
          if (grandchild < 0) return 2;
          int status;
          pid_t waited;
          while ((waited = waitpid(grandchild, &status, 0)) < 0 &&
                 errno == EINTR) {
          }
          if (waited != grandchild || end_of(status) != (turn & 0x3f)) return 3;
        }
      }
      return 0;
    });
    ASSERT_GT(child, 0);
    board->pids[i] = child;
  }
  EXPECT_EQ(wait_for(bystander), 0);
  board->ends = true;
  for (int i = 0; i < kStormers; ++i) {
    EXPECT_EQ(wait_for(board->pids[i]), 0) << i;
    EXPECT_GT(board->handled[i], 0) << i;
  }
}

// Stop and continue a process very often; it finishes all the same.
TEST(SignalStorm, StopAndContinue) {
  const pid_t child = start_child([] {
    uint64_t hash = 1;
    for (int i = 0; i < 2'000'000; ++i) hash = hash * 31 + hash % 7;
    sleep_ms(5);
    return hash == 0 ? 1 : 0;
  });
  for (int i = 0; i < 2000; ++i) {
    kill(child, SIGSTOP);
    if (i % 3 == 0) sched_yield();
    kill(child, SIGCONT);
    if (i % 5 == 0) sched_yield();
  }
  EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
