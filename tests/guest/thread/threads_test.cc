// Threads as programs use them, and what they share.
// feature-map: 36, 72, 78, 81, 83, 97, 110
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <numeric>
#include <set>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

pid_t tid_of_caller() { return static_cast<pid_t>(syscall(SYS_gettid)); }

TEST(Threads, HaveOnePidAndOwnTids) {
  constexpr int kThreads = 8;
  std::array<pid_t, kThreads> pids{};
  std::array<pid_t, kThreads> tids{};
  std::vector<std::thread> threads;
  std::atomic<int> arrived = 0;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      pids[i] = getpid();
      tids[i] = tid_of_caller();
      ++arrived;
      while (arrived < kThreads) sched_yield();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<pid_t> distinct(tids.begin(), tids.end());
  distinct.insert(getpid());
  EXPECT_EQ(distinct.size(), kThreads + 1U);
  for (const pid_t pid : pids) EXPECT_EQ(pid, getpid());
  EXPECT_EQ(tid_of_caller(), getpid());
}

thread_local int local = 7;
thread_local std::vector<int> local_vector = {1, 2, 3};

TEST(Threads, HaveTheirOwnThreadLocals) {
  local = 8;
  local_vector.push_back(4);
  int seen = 0;
  size_t length = 0;
  int* address = nullptr;
  std::thread([&] {
    seen = local;
    length = local_vector.size();
    local = 9;
    address = &local;
  }).join();
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(length, 3U);
  EXPECT_EQ(local, 8);
  EXPECT_NE(address, &local);
}

TEST(Threads, ThreadLocalDestructorsRunAtTheEnd) {
  static std::atomic<int> destroyed;
  destroyed = 0;
  struct Counter {
    int used = 0;
    ~Counter() { ++destroyed; }
  };
  std::vector<std::thread> threads(5);
  for (std::thread& thread : threads) {
    thread = std::thread([] {
      thread_local Counter counter;
      ++counter.used;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(destroyed, 5);
}

TEST(Threads, MutexesKeepCountsTrue) {
  std::mutex mutex;
  int plain = 0;
  std::atomic<int> atomic = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        const std::lock_guard lock(mutex);
        ++plain;
        ++atomic;
        if (n % 500 == 0) sched_yield();  // held, so that others must wait
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(plain, 12000);
  EXPECT_EQ(atomic, 12000);
}

TEST(Threads, ConditionVariablesPassABallAround) {
  constexpr int kPlayers = 4;
  constexpr int kRounds = 200;
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  std::vector<int> caught(kPlayers);
  std::vector<std::thread> players;
  for (int me = 0; me < kPlayers; ++me) {
    players.emplace_back([&, me] {
      for (int round = 0; round < kRounds; ++round) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return turn % kPlayers == me; });
        ++caught[static_cast<size_t>(me)];
        ++turn;
        changed.notify_all();
      }
    });
  }
  for (std::thread& player : players) player.join();
  EXPECT_EQ(turn, kPlayers * kRounds);
  for (const int count : caught) EXPECT_EQ(count, kRounds);
}

TEST(Threads, TimedWaitsEnd) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(never.wait_for(lock, std::chrono::milliseconds(30)),
            std::cv_status::timeout);
  EXPECT_EQ(never.wait_until(lock, std::chrono::system_clock::now() +
                                       std::chrono::milliseconds(30)),
            std::cv_status::timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(59));
  std::timed_mutex held;
  held.lock();
  std::thread([&] {
    EXPECT_FALSE(held.try_lock_for(std::chrono::milliseconds(20)));
  }).join();
  held.unlock();
}

TEST(Threads, AsyncResultsAndExceptions) {
  std::vector<std::future<int>> results;
  for (int i = 0; i < 10; ++i) {
    results.push_back(std::async(std::launch::async, [i] { return i * i; }));
  }
  int sum = 0;
  for (std::future<int>& result : results) sum += result.get();
  EXPECT_EQ(sum, 285);
  std::promise<int> promise;
  std::thread setter([&] { promise.set_value(42); });
  EXPECT_EQ(promise.get_future().get(), 42);
  setter.join();
  auto thrown =
      std::async(std::launch::async, [] { return std::vector<int>().at(3); });
  EXPECT_THROW(thrown.get(), std::out_of_range);
}

TEST(Threads, SharedMutexesSemaphoresAndBarriers) {
  std::shared_mutex shared;
  sem_t semaphore;
  pthread_barrier_t barrier;
  ASSERT_EQ(sem_init(&semaphore, 0, 0), 0);
  ASSERT_EQ(pthread_barrier_init(&barrier, nullptr, 4), 0);
  std::atomic<int> serial = 0;
  int written = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        {
          const std::shared_lock lock(shared);
          EXPECT_GE(written, 0);
        }
        const std::unique_lock lock(shared);
        ++written;
      }
      if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        ++serial;
      }
      sem_post(&semaphore);
    });
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(sem_wait(&semaphore), 0);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 200);
  EXPECT_EQ(serial, 1);
  EXPECT_EQ(sem_trywait(&semaphore), -1);
  EXPECT_EQ(errno, EAGAIN);
  pthread_barrier_destroy(&barrier);
  sem_destroy(&semaphore);
}

TEST(Threads, ThousandOneAfterTheOther) {
  int sum = 0;
  for (int i = 0; i < 1000; ++i) {
    std::thread([&sum, i] { sum += i; }).join();
  }
  EXPECT_EQ(sum, 499500);
}

TEST(Threads, ManyAtOnce) {
  std::atomic<int> arrived = 0;
  std::atomic<bool> go = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      ++arrived;
      arrived.notify_all();
      go.wait(false);
    });
  }
  for (int seen = arrived; seen < 100; seen = arrived) arrived.wait(seen);
  go = true;
  go.notify_all();
  for (std::thread& thread : threads) thread.join();
}

TEST(Threads, ShareSignalActionsAndHaveNoAlternateStack) {
  std::array<unsigned char, 32768> memory{};
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  ASSERT_EQ(sigaltstack(&stack, nullptr), 0);
  struct sigaction before{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &before), 0);
  stack_t seen{};
  std::thread([&] {
    sigaltstack(nullptr, &seen);
    std::signal(SIGUSR2, SIG_IGN);
  }).join();
  EXPECT_EQ(seen.ss_flags, SS_DISABLE);
  struct sigaction after{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  ASSERT_EQ(sigaction(SIGUSR2, &before, nullptr), 0);
  stack.ss_flags = SS_DISABLE;
  ASSERT_EQ(sigaltstack(&stack, nullptr), 0);
}

TEST(Threads, LimitsAndDirectoriesAreOfTheProcess) {
  EXPECT_EQ(run_child([] {
              std::thread([] {
                CHILD_CHECK(chdir("/proc") == 0 || chdir("/") == 0);
                umask(0123);
                const rlimit limit{77, 77};
                CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
              }).join();
              CHILD_CHECK(umask(022) == 0123);
              rlimit limit{};
              CHILD_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
              CHILD_CHECK(limit.rlim_cur == 77);
              CHILD_CHECK(dup2(0, 76) == 76);
              CHILD_CHECK(dup2(0, 77) == -1 && errno == EBADF);
              return 0;
            }),
            0);
}

TEST(Threads, ForkInAThreadCopiesThatThreadOnly) {
  std::atomic<bool> stop = false;
  std::thread other([&] {
    while (!stop) sched_yield();
  });
  int status = 0;
  std::thread([&] {
    const pid_t thread = tid_of_caller();
    status = run_child([&] {
      CHILD_CHECK(getpid() == tid_of_caller());
      CHILD_CHECK(getpid() != thread);
      return 31;
    });
  }).join();
  stop = true;
  other.join();
  EXPECT_EQ(status, 31);
}

TEST(Threads, AnyThreadMayWaitForAChild) {
  const pid_t child = start_child([] { return 12; });
  int status = 0;
  std::thread([&] { status = wait_for(child); }).join();
  EXPECT_EQ(status, 12);
}

TEST(Threads, SeveralWaitingThreadsGetOneChildEach) {
  std::array<pid_t, 3> children{};
  for (pid_t& child : children) {
    child = start_child([] {
      usleep(20000);
      return 0;
    });
  }
  std::array<pid_t, 4> got{};
  std::array<int, 4> errors{};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < got.size(); ++i) {
    threads.emplace_back([&, i] {
      got[i] = waitpid(-1, nullptr, 0);
      errors[i] = got[i] < 0 ? errno : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::set<pid_t> distinct(got.begin(), got.end());
  std::set<pid_t> expected(children.begin(), children.end());
  expected.insert(-1);
  EXPECT_EQ(distinct, expected);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(errors[i], got[i] < 0 ? ECHILD : 0);
  }
}

TEST(Threads, ExitOfTheMainThreadAloneEndsNothing) {
  const int end = run_child([] {
    static std::atomic<bool> may_end;
    std::thread([] {
      while (!may_end) sched_yield();
      usleep(10000);
      _exit(41);
    }).detach();
    may_end = true;
    syscall(SYS_exit, 0);
    return 1;
  });
  EXPECT_EQ(end, 41);
}

TEST(Threads, LastThreadsEndIsTheProcesss) {
  const int end = run_child([] {
    std::thread([] {
      usleep(10000);
      syscall(SYS_exit, 5);
    }).detach();
    syscall(SYS_exit, 6);
    return 1;
  });
  EXPECT_EQ(end, 5);
}

TEST(Threads, ExitGroupEndsThreadsWhateverTheyDo) {
  const int end = run_child([] {
    static std::mutex never;
    never.lock();
    std::atomic<int> begun = 0;
    for (int i = 0; i < 4; ++i) {
      std::thread([&, i] {
        ++begun;
        if (i == 0) never.lock();
        if (i == 1) sleep(100);
        if (i == 2) pause();
        for (;;) sched_yield();
      }).detach();
    }
    while (begun < 4) sched_yield();
    usleep(5000);
    std::thread([] { _exit(17); }).join();
    return 1;
  });
  EXPECT_EQ(end, 17);
}

TEST(Threads, AFaultInOneEndsAll) {
  const int end = run_child([] {
    std::thread([] { *reinterpret_cast<volatile int*>(8) = 1; }).detach();
    for (;;) pause();
    return 1;
  });
  EXPECT_EQ(end, -SIGSEGV);
}

TEST(Threads, KillByTheTidOfAThreadEndsTheProcess) {
  Shared<std::atomic<pid_t>> tid;
  const pid_t child = start_child([&] {
    std::thread other([&] {
      *tid = tid_of_caller();
      for (;;) pause();
    });
    other.join();
    return 1;
  });
  while (*tid == 0) sched_yield();
  EXPECT_NE(*tid, child);
  EXPECT_EQ(kill(*tid, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(Threads, TgkillNamesAThreadOfThatProcessOnly) {
  std::atomic<pid_t> tid = 0;
  std::atomic<bool> stop = false;
  std::thread other([&] {
    tid = tid_of_caller();
    while (!stop) sched_yield();
  });
  while (tid == 0) sched_yield();
  EXPECT_EQ(syscall(SYS_tgkill, getpid(), tid.load(), 0), 0);
  EXPECT_EQ(syscall(SYS_tkill, tid.load(), 0), 0);
  EXPECT_EQ(syscall(SYS_tgkill, tid.load(), tid.load(), 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(syscall(SYS_tgkill, getppid(), tid.load(), 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(syscall(SYS_tgkill, getpid(), tid.load(), 65), -1);
  EXPECT_EQ(errno, EINVAL);
  // setpgid takes processes, not threads.
  EXPECT_EQ(setpgid(tid, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(waitpid(tid, nullptr, 0), -1);
  EXPECT_EQ(errno, ECHILD);
  stop = true;
  other.join();
  EXPECT_EQ(syscall(SYS_tgkill, getpid(), tid.load(), 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace tine::guest
