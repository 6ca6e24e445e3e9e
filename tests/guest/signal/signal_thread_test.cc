// Signals of processes with several threads: who takes them.
// feature-map: 29, 72, 81
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

std::atomic<pid_t> taken_by;
std::atomic<int> taken;

void note_thread(int, siginfo_t*, void*) {
  taken_by = static_cast<pid_t>(syscall(SYS_gettid));
  ++taken;
}

class SignalThread : public testing::Test {
 protected:
  void SetUp() override {
    taken = 0;
    taken_by = 0;
    noted = {};
  }
  void TearDown() override {
    set_action(SIGUSR1, SIG_DFL);
    set_action(SIGUSR2, SIG_DFL);
  }
};

// A thread that runs `wait` until it is told to end.
template <typename Wait>
class Worker {
 public:
  explicit Worker(Wait wait)
      : thread_([this, wait] {
          tid = static_cast<pid_t>(syscall(SYS_gettid));
          wait(ends);
        }) {
    while (tid == 0) sched_yield();
  }
  ~Worker() {
    ends = true;
    thread_.join();
  }
  pthread_t handle() { return thread_.native_handle(); }
  std::atomic<pid_t> tid = 0;
  std::atomic<bool> ends = false;

 private:
  std::thread thread_;
};

void spin(std::atomic<bool>& ends) {
  while (!ends) {
  }
}
void sleep_in_turns(std::atomic<bool>& ends) {
  while (!ends) {
    const timespec time{0, 5'000'000};
    nanosleep(&time, nullptr);
  }
}

TEST_F(SignalThread, ToOneThread) {
  handle(SIGUSR1, note_thread);
  Worker running(spin);
  Worker sleeping(sleep_in_turns);
  for (int i = 0; i < 20; ++i) {
    taken_by = 0;
    ASSERT_EQ(pthread_kill(running.handle(), SIGUSR1), 0);
    ASSERT_TRUE(wait_until([] { return taken_by != 0; }));
    ASSERT_EQ(taken_by, running.tid);
    taken_by = 0;
    ASSERT_EQ(syscall(SYS_tgkill, getpid(), sleeping.tid.load(), SIGUSR1), 0);
    ASSERT_TRUE(wait_until([] { return taken_by != 0; }));
    ASSERT_EQ(taken_by, sleeping.tid);
  }
  EXPECT_EQ(taken, 40);
}

TEST_F(SignalThread, ToTheProcessTakenByWhoDoesNotBlock) {
  handle(SIGUSR1, note_thread);
  Worker open(sleep_in_turns);
  const sigset_t old = block({SIGUSR1});
  for (int i = 0; i < 20; ++i) {
    taken_by = 0;
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    ASSERT_TRUE(wait_until([] { return taken_by != 0; }));
    ASSERT_EQ(taken_by, open.tid);
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

// Blocked by all it stays with the process until somebody unblocks it.
TEST_F(SignalThread, BlockedByAll) {
  handle(SIGUSR1, note_thread);
  const sigset_t old = block({SIGUSR1});
  {
    static std::atomic<bool> open;
    open = false;
    Worker worker([](std::atomic<bool>& ends) {
      while (!open) sched_yield();
      unblock({SIGUSR1});
      while (!ends) sched_yield();
    });
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_TRUE(is_pending(SIGUSR1));
    EXPECT_EQ(taken, 0);
    open = true;
    ASSERT_TRUE(wait_until([] { return taken == 1; }));
    EXPECT_EQ(taken_by, worker.tid);
  }
  // One to a thread is not the process's.
  {
    Worker worker([](std::atomic<bool>& ends) {
      while (!ends) sched_yield();
    });
    pthread_kill(worker.handle(), SIGUSR1);
    EXPECT_FALSE(is_pending(SIGUSR1));
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  EXPECT_EQ(taken, 1);
}

TEST_F(SignalThread, SigwaitOfAThread) {
  const sigset_t old = block({SIGUSR1, SIGRTMIN});
  static std::atomic<int> got;
  got = 0;
  std::thread waiter([] {
    const sigset_t set = set_of({SIGUSR1, SIGRTMIN});
    for (int i = 0; i < 10; ++i) {
      int signal = 0;
      if (sigwait(&set, &signal) == 0) ++got;
    }
  });
  for (int i = 0; i < 10; ++i) {
    kill(getpid(), i % 2 == 0 ? SIGUSR1 : SIGRTMIN);
    ASSERT_TRUE(wait_until([i] { return got == i + 1; }));
  }
  waiter.join();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

TEST_F(SignalThread, NewThreadInheritsTheMaskAndNoAlternateStack) {
  static char memory[65536];
  const stack_t stack{memory, 0, sizeof memory};
  ASSERT_EQ(sigaltstack(&stack, nullptr), 0);
  const sigset_t old = block({SIGUSR2});
  std::thread([] {
    EXPECT_TRUE(is_blocked(SIGUSR2));
    stack_t now;
    EXPECT_EQ(sigaltstack(nullptr, &now), 0);
    EXPECT_EQ(now.ss_flags, SS_DISABLE);
    unblock({SIGUSR2});
  }).join();
  EXPECT_TRUE(is_blocked(SIGUSR2));
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  const stack_t none{nullptr, SS_DISABLE, 0};
  sigaltstack(&none, nullptr);
}

TEST_F(SignalThread, FatalEndsAll) {
  EXPECT_EQ(run_child([] {
              std::vector<std::thread> threads;
              for (int i = 0; i < 5; ++i) {
                threads.emplace_back([i] {
                  for (;;) {
                    if (i % 2 == 0) {
                      for (volatile int n = 0; n < 1000; n = n + 1) {
                      }
                    } else {
                      sleep_ms(1);
                    }
                  }
                });
              }
              sleep_ms(20);
              pthread_kill(threads[3].native_handle(), SIGTERM);
              for (;;) pause();
              return 0;
            }),
            -SIGTERM);
}

TEST_F(SignalThread, FaultOfOneThreadEndsAll) {
  EXPECT_EQ(run_child([] {
              std::thread thread([] {
                sleep_ms(5);
                *reinterpret_cast<volatile int*>(8) = 0;
              });
              for (;;) pause();
              return 0;
            }),
            -SIGSEGV);
}

TEST_F(SignalThread, StopStopsAll) {
  struct Board {
    std::atomic<long> turns[3];
  };
  Shared<Board> board;
  const pid_t child = start_child([&board] {
    setpgid(0, 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&board, i] {
        for (;;) {
          ++board->turns[i];
          if (i == 1) sched_yield();
          if (i == 2) sleep_ms(1);
        }
      });
    }
    for (;;) pause();
    return 0;
  });
  const auto all_moved = [&](const long* from) {
    for (int i = 0; i < 3; ++i) {
      if (board->turns[i] <= from[i]) return false;
    }
    return true;
  };
  const long none[3] = {5, 5, 5};
  ASSERT_TRUE(wait_until([&] { return all_moved(none); }));
  for (int round = 0; round < 10; ++round) {
    ASSERT_EQ(kill(child, round % 2 == 0 ? SIGSTOP : SIGTSTP), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status));
    long then[3];
    for (int i = 0; i < 3; ++i) then[i] = board->turns[i];
    sleep_ms(10);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(board->turns[i], then[i]) << i;
    ASSERT_EQ(kill(child, SIGCONT), 0);
    ASSERT_EQ(waitpid(child, &status, WCONTINUED), child);
    ASSERT_TRUE(wait_until([&] { return all_moved(then); }));
  }
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

}  // namespace
}  // namespace tine::guest
