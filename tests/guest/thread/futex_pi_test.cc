// Locks with priority inheritance: futexes and glibc's mutexes.
// feature-map: 53
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

namespace tine::guest {
namespace {

using Word = uint32_t;

// The result, or minus the errno.
long futex(Word* word, int operation, long value,
           const timespec* time = nullptr, Word* second = nullptr,
           Word third = 0) {
  const long result =
      syscall(SYS_futex, word, operation, value, time, second, third);
  return result < 0 ? -errno : result;
}
long requeue_pi(Word* word, long wakes, long moves, Word* lock, Word value) {
  return futex(word, FUTEX_CMP_REQUEUE_PI_PRIVATE, wakes,
               reinterpret_cast<timespec*>(moves), lock, value);
}
Word load(const Word& word) { return __atomic_load_n(&word, __ATOMIC_SEQ_CST); }
Word own_tid() { return static_cast<Word>(syscall(SYS_gettid)); }

long lock(Word* word, const timespec* time = nullptr) {
  return futex(word, FUTEX_LOCK_PI_PRIVATE, 0, time);
}
long try_lock(Word* word) { return futex(word, FUTEX_TRYLOCK_PI_PRIVATE, 0); }
long unlock(Word* word) { return futex(word, FUTEX_UNLOCK_PI_PRIVATE, 0); }

timespec after_ms(clockid_t clock, int64_t ms) {
  const int64_t at = now_ns(clock) + ms * 1'000'000;
  return {at / 1'000'000'000, at % 1'000'000'000};
}

TEST(FutexPi, FreeLock) {
  Word word = 0;
  EXPECT_EQ(lock(&word), 0);
  EXPECT_EQ(word, own_tid());
  EXPECT_EQ(lock(&word), -EDEADLK);
  EXPECT_EQ(try_lock(&word), -EDEADLK);
  EXPECT_EQ(unlock(&word), 0);
  EXPECT_EQ(word, 0u);
  EXPECT_EQ(unlock(&word), -EPERM);
  EXPECT_EQ(try_lock(&word), 0);
  EXPECT_EQ(word, own_tid());
  // A lock that was taken in the program.
  word = own_tid();
  EXPECT_EQ(unlock(&word), 0);
  EXPECT_EQ(word, 0u);
  // Its last owner died: the new one is told.
  word = FUTEX_OWNER_DIED;
  EXPECT_EQ(lock(&word), 0);
  EXPECT_EQ(word, FUTEX_OWNER_DIED | own_tid());
}

TEST(FutexPi, Refusals) {
  static Word words[2] = {};
  auto* odd = reinterpret_cast<Word*>(reinterpret_cast<char*>(words) + 2);
  EXPECT_EQ(lock(odd), -EINVAL);
  EXPECT_EQ(lock(reinterpret_cast<Word*>(8)), -EFAULT);
  EXPECT_EQ(unlock(reinterpret_cast<Word*>(8)), -EFAULT);
  timespec bad{0, 1'000'000'000};
  EXPECT_EQ(lock(words, &bad), -EINVAL);
  EXPECT_EQ(lock(words, reinterpret_cast<timespec*>(8)), -EFAULT);
  // Nobody has this number.
  words[0] = 0x3fff'fffe;
  EXPECT_EQ(lock(words), -ESRCH);
  EXPECT_EQ(try_lock(words), -ESRCH);
  EXPECT_EQ(unlock(words), -EPERM);
  EXPECT_EQ(futex(words, FUTEX_LOCK_PI_PRIVATE | FUTEX_CLOCK_REALTIME, 0),
            -ENOSYS);
  // Memory that cannot be written.
  auto* page = static_cast<Word*>(
      mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(page, MAP_FAILED);
  EXPECT_EQ(lock(page), -EFAULT);
  munmap(page, 4096);
}

TEST(FutexPi, WaitsForTheOwner) {
  for (const int operation :
       {FUTEX_LOCK_PI_PRIVATE, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG,
        int{FUTEX_LOCK_PI}}) {
    Word word = 0;
    const int shared = operation & FUTEX_PRIVATE_FLAG;
    ASSERT_EQ(lock(&word), 0);
    std::atomic<Word> second{0};
    std::atomic<long> result{99};
    std::thread waiter([&] {
      second = own_tid();
      result = futex(&word, operation, 0);
      EXPECT_EQ(load(word) & FUTEX_TID_MASK, own_tid());
      EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI | shared, 0), 0);
    });
    ASSERT_TRUE(wait_until([&] { return (load(word) & FUTEX_WAITERS) != 0; }));
    sleep_ms(20);
    EXPECT_EQ(result, 99);
    EXPECT_EQ(load(word), FUTEX_WAITERS | own_tid());
    EXPECT_EQ(futex(&word, FUTEX_UNLOCK_PI | shared, 0), 0);
    waiter.join();
    EXPECT_EQ(result, 0);
    EXPECT_EQ(load(word), 0u);
  }
}

TEST(FutexPi, OneAfterTheOther) {
  Word word = 0;
  int inside = 0;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        ASSERT_EQ(lock(&word), 0);
        EXPECT_EQ(inside++, 0);
        if (n % 10 == 0) sched_yield();
        ++count;
        --inside;
        ASSERT_EQ(unlock(&word), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 600);
  EXPECT_EQ(word, 0u);
}

TEST(FutexPi, TriesAndTimesOut) {
  Word word = 0;
  ASSERT_EQ(lock(&word), 0);
  std::thread([&] {
    EXPECT_EQ(try_lock(&word), -EAGAIN);
    timespec time = after_ms(CLOCK_REALTIME, 40);
    const int64_t begin = now_ns();
    EXPECT_EQ(lock(&word, &time), -ETIMEDOUT);
    EXPECT_GE(now_ns() - begin, 38'000'000);
    time = after_ms(CLOCK_MONOTONIC, 40);
    EXPECT_EQ(futex(&word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &time),
              -ETIMEDOUT);
    time = after_ms(CLOCK_REALTIME, 40);
    EXPECT_EQ(
        futex(&word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME,
              0, &time),
        -ETIMEDOUT);
    time = {1, 0};
    EXPECT_EQ(lock(&word, &time), -ETIMEDOUT) << "that time has passed";
    EXPECT_EQ(unlock(&word), -EPERM) << "it is another's";
  }).join();
  EXPECT_EQ(unlock(&word), 0);
  EXPECT_EQ(word, 0u);
}

TEST(FutexPi, CirclesAreSeen) {
  Word first = 0;
  Word second = 0;
  ASSERT_EQ(lock(&first), 0);
  std::atomic<bool> has_second{false};
  std::thread other([&] {
    EXPECT_EQ(lock(&second), 0);
    has_second = true;
    EXPECT_EQ(lock(&first), 0);
    EXPECT_EQ(unlock(&first), 0);
    EXPECT_EQ(unlock(&second), 0);
  });
  ASSERT_TRUE(wait_until(
      [&] { return has_second && (load(first) & FUTEX_WAITERS) != 0; }));
  sleep_ms(20);
  EXPECT_EQ(lock(&second), -EDEADLK);
  EXPECT_EQ(unlock(&first), 0);
  other.join();
}

TEST(FutexPi, PlainCallsDoNotMix) {
  Word word = 0;
  ASSERT_EQ(lock(&word), 0);
  std::thread waiter([&] {
    EXPECT_EQ(lock(&word), 0);
    EXPECT_EQ(unlock(&word), 0);
  });
  ASSERT_TRUE(wait_until([&] { return (load(word) & FUTEX_WAITERS) != 0; }));
  sleep_ms(20);
  EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1), -EINVAL);
  Word other = 0;
  EXPECT_EQ(futex(&word, FUTEX_REQUEUE_PRIVATE, 1,
                  reinterpret_cast<timespec*>(1L), &other),
            -EINVAL);
  EXPECT_EQ(unlock(&word), 0);
  waiter.join();
  // And the other way round.
  std::thread sleeper(
      [&] { EXPECT_EQ(futex(&word, FUTEX_WAIT_PRIVATE, 0), 0); });
  while (futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0,
               reinterpret_cast<timespec*>(1L), &word, 0) != 1) {
    sched_yield();
  }
  EXPECT_EQ(try_lock(&word), -EINVAL);
  EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1), 1);
  sleeper.join();
}

TEST(FutexPi, OwnerThatEnds) {
  Word word = 0;
  std::atomic<bool> is_taken{false};
  std::thread owner([&] {
    EXPECT_EQ(lock(&word), 0);
    is_taken = true;
    EXPECT_TRUE(wait_until([&] { return (load(word) & FUTEX_WAITERS) != 0; }));
    sleep_ms(20);
  });
  ASSERT_TRUE(wait_until([&] { return is_taken.load(); }));
  EXPECT_EQ(lock(&word), 0);
  EXPECT_EQ(load(word) & FUTEX_TID_MASK, own_tid());
  EXPECT_NE(load(word) & FUTEX_OWNER_DIED, 0u);
  owner.join();
  EXPECT_EQ(unlock(&word), 0);
}

TEST(FutexPi, SignalsDoNotEndTheWait) {
  static std::atomic<int> handled;
  handled = 0;
  handle(SIGUSR1, [](int, siginfo_t*, void*) { ++handled; });
  Word word = 0;
  ASSERT_EQ(lock(&word), 0);
  std::thread waiter([&] {
    EXPECT_EQ(lock(&word), 0);
    EXPECT_EQ(unlock(&word), 0);
  });
  ASSERT_TRUE(wait_until([&] { return (load(word) & FUTEX_WAITERS) != 0; }));
  sleep_ms(20);
  pthread_kill(waiter.native_handle(), SIGUSR1);
  ASSERT_TRUE(wait_until([&] { return handled == 1; }));
  sleep_ms(10);
  EXPECT_EQ(load(word) & FUTEX_TID_MASK, own_tid());
  EXPECT_EQ(unlock(&word), 0);
  waiter.join();
  set_action(SIGUSR1, SIG_DFL);
}

// A process of one thread that forks while it holds a lock: the child does not.
TEST(FutexPi, ChildHoldsNothing) {
  auto* word = static_cast<Word*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(word, MAP_FAILED);
  ASSERT_EQ(futex(word, FUTEX_LOCK_PI, 0), 0);
  const Word parent = own_tid();
  const pid_t child = start_child([word, parent] {
    CHILD_CHECK(futex(word, FUTEX_UNLOCK_PI, 0) == -EPERM);
    CHILD_CHECK(futex(word, FUTEX_TRYLOCK_PI, 0) == -EAGAIN);
    CHILD_CHECK(load(*word) == (FUTEX_WAITERS | parent));
    CHILD_CHECK(futex(word, FUTEX_LOCK_PI, 0) == 0);
    CHILD_CHECK((load(*word) & FUTEX_TID_MASK) == own_tid());
    // And dies with it.
    return 0;
  });
  sleep_ms(40);
  EXPECT_EQ(futex(word, FUTEX_UNLOCK_PI, 0), 0);
  EXPECT_EQ(wait_for(child), 0);
  // Nobody waited, so that nobody was told.
  EXPECT_EQ(futex(word, FUTEX_LOCK_PI, 0), -ESRCH);
  munmap(word, 4096);
}

TEST(FutexPi, AcrossProcessesOwnerKilled) {
  auto* word = static_cast<Word*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(word, MAP_FAILED);
  const pid_t owner = start_child([word] {
    CHILD_CHECK(futex(word, FUTEX_LOCK_PI, 0) == 0);
    for (;;) pause();
    return 0;
  });
  ASSERT_TRUE(wait_until([word] { return load(*word) != 0; }));
  std::vector<pid_t> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.push_back(start_child([word] {
      CHILD_CHECK(futex(word, FUTEX_LOCK_PI, 0) == 0);
      CHILD_CHECK((load(*word) & FUTEX_TID_MASK) == own_tid());
      CHILD_CHECK(futex(word, FUTEX_UNLOCK_PI, 0) == 0);
      return 0;
    }));
  }
  sleep_ms(60);
  kill(owner, SIGKILL);
  EXPECT_EQ(wait_for(owner), -SIGKILL);
  for (const pid_t waiter : waiters) EXPECT_EQ(wait_for(waiter), 0);
  EXPECT_EQ(load(*word) & FUTEX_TID_MASK, 0u);
  munmap(word, 4096);
}

TEST(FutexPi, KilledWaiterLeaves) {
  auto* word = static_cast<Word*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(word, MAP_FAILED);
  ASSERT_EQ(futex(word, FUTEX_LOCK_PI, 0), 0);
  const pid_t waiter =
      start_child([word] { return futex(word, FUTEX_LOCK_PI, 0) == 0; });
  ASSERT_TRUE(
      wait_until([word] { return (load(*word) & FUTEX_WAITERS) != 0; }));
  sleep_ms(20);
  kill(waiter, SIGKILL);
  EXPECT_EQ(wait_for(waiter), -SIGKILL);
  EXPECT_EQ(futex(word, FUTEX_UNLOCK_PI, 0), 0);
  EXPECT_EQ(load(*word), 0u);
  munmap(word, 4096);
}

// ---- requeueing

TEST(FutexPi, RequeueRefusals) {
  static Word word;
  static Word second;
  word = second = 0;
  EXPECT_EQ(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, nullptr, &word, ~0u),
            -EINVAL);
  EXPECT_EQ(
      futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, nullptr, &second, ~0u),
      -EAGAIN);
  EXPECT_EQ(requeue_pi(&word, 1, 0, &word, 0), -EINVAL);
  EXPECT_EQ(requeue_pi(&word, 2, 0, &second, 0), -EINVAL);
  EXPECT_EQ(requeue_pi(&word, 0, 0, &second, 0), -EINVAL);
  EXPECT_EQ(requeue_pi(&word, 1, 0, &second, 5), -EAGAIN);
  EXPECT_EQ(requeue_pi(&word, 1, 0, &second, 0), 0) << "nobody waits";
  const timespec time = after_ms(CLOCK_MONOTONIC, 30);
  EXPECT_EQ(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &time, &second, ~0u),
            -ETIMEDOUT);
}

// As a condition variable uses it: one signal, then a broadcast.
TEST(FutexPi, Requeues) {
  constexpr int kThreads = 4;
  Word condition = 0;
  Word mutex = 0;
  std::atomic<int> waiting{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      EXPECT_EQ(futex(&condition, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, nullptr,
                      &mutex, ~0u),
                0);
      EXPECT_EQ(load(mutex) & FUTEX_TID_MASK, own_tid());
      ++done;
      EXPECT_EQ(unlock(&mutex), 0);
    });
  }
  ASSERT_TRUE(wait_until([&] { return waiting == kThreads; }));
  sleep_ms(50);
  EXPECT_EQ(futex(&condition, FUTEX_WAKE_PRIVATE, 1), -EINVAL);
  // The lock is free: the first has it at once.
  EXPECT_EQ(requeue_pi(&condition, 1, 0, &mutex, 0), 1);
  ASSERT_TRUE(wait_until([&] { return done == 1; }));
  ASSERT_TRUE(wait_until([&] { return load(mutex) == 0; }));
  ASSERT_EQ(lock(&mutex), 0);
  EXPECT_EQ(requeue_pi(&condition, 1, 1000, &mutex, 0), kThreads - 1);
  sleep_ms(20);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(unlock(&mutex), 0);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kThreads);
  EXPECT_EQ(load(mutex), 0u);
}

// ---- glibc's

class Mutex {
 public:
  explicit Mutex(bool robust = false) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    is_made_ =
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT) == 0;
    if (robust) {
      pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    }
    is_made_ = is_made_ && pthread_mutex_init(&mutex_, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
  }
  ~Mutex() { pthread_mutex_destroy(&mutex_); }
  bool is_made() const { return is_made_; }
  pthread_mutex_t* get() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
  bool is_made_ = false;
};

TEST(PiMutex, KeepsOthersOut) {
  Mutex mutex;
  ASSERT_TRUE(mutex.is_made());
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        ASSERT_EQ(pthread_mutex_lock(mutex.get()), 0);
        const int before = count;
        if (n % 20 == 0) sched_yield();
        count = before + 1;
        ASSERT_EQ(pthread_mutex_unlock(mutex.get()), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 1000);
  EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
  EXPECT_EQ(pthread_mutex_lock(mutex.get()), EDEADLK);
  std::thread([&] {
    EXPECT_EQ(pthread_mutex_trylock(mutex.get()), EBUSY);
    const timespec time = after_ms(CLOCK_REALTIME, 30);
    EXPECT_EQ(pthread_mutex_timedlock(mutex.get(), &time), ETIMEDOUT);
  }).join();
  EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
}

TEST(PiMutex, RobustOwnerThatEnds) {
  Mutex mutex(true);
  ASSERT_TRUE(mutex.is_made());
  std::thread([&] { EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0); }).join();
  EXPECT_EQ(pthread_mutex_lock(mutex.get()), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_consistent(mutex.get()), 0);
  EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
  // And with somebody who waits.
  std::atomic<bool> is_taken{false};
  std::thread owner([&] {
    EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
    is_taken = true;
    sleep_ms(40);
  });
  ASSERT_TRUE(wait_until([&] { return is_taken.load(); }));
  EXPECT_EQ(pthread_mutex_lock(mutex.get()), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_consistent(mutex.get()), 0);
  EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
  owner.join();
  EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
  EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
}

TEST(PiMutex, WithACondition) {
  Mutex mutex;
  ASSERT_TRUE(mutex.is_made());
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  int turn = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        pthread_mutex_lock(mutex.get());
        while (turn % 4 != i) pthread_cond_wait(&condition, mutex.get());
        ++turn;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(mutex.get());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(turn, 80);
}

}  // namespace
}  // namespace tine::guest
