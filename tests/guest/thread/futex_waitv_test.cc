// futex_waitv: waiting for any of many words. feature-map: 53
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

using Word = uint32_t;

constexpr long kNumber = 449;  // of the call, on both architectures
constexpr uint32_t kWord32 = 2;
constexpr uint32_t kPrivate = FUTEX_PRIVATE_FLAG;
constexpr unsigned kMost = 128;

struct Wanted {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};

Wanted wanted(const Word& word, uint32_t flags = kWord32 | kPrivate) {
  return {word, reinterpret_cast<uint64_t>(&word), flags, 0};
}

// The result, or minus the errno.
long wait_v(const void* vector, unsigned count, const void* time = nullptr,
            int clock = CLOCK_MONOTONIC, unsigned flags = 0) {
  const long result = syscall(kNumber, vector, count, flags, time, clock);
  return result < 0 ? -errno : result;
}
long futex(const Word* word, int operation, long value,
           const void* fourth = nullptr, const Word* second = nullptr,
           Word last = 0) {
  const long result =
      syscall(SYS_futex, word, operation, value, fourth, second, last);
  return result < 0 ? -errno : result;
}
long wake(const Word& word, int most = INT_MAX) {
  return futex(&word, FUTEX_WAKE_PRIVATE, most);
}

timespec in_ms(int64_t ms, clockid_t clock = CLOCK_MONOTONIC) {
  const int64_t at = now_ns(clock) + ms * 1'000'000;
  return {at / 1'000'000'000, at % 1'000'000'000};
}

TEST(FutexWaitv, TimesOut) {
  const std::array<Word, 3> words{7, 8, 9};
  for (const clockid_t clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    const std::array vector{wanted(words[0]), wanted(words[1], kWord32),
                            wanted(words[2])};
    const int64_t begin = now_ns();
    const timespec time = in_ms(30, clock);
    EXPECT_EQ(wait_v(vector.data(), 3, &time, clock), -ETIMEDOUT);
    EXPECT_GE(now_ns() - begin, 29'000'000);
    const timespec past{1, 0};
    EXPECT_EQ(wait_v(vector.data(), 3, &past, clock), -ETIMEDOUT);
  }
}

TEST(FutexWaitv, TellsWhichWordWasWoken) {
  static std::array<Word, kMost> words;
  for (const unsigned which : {0u, 1u, 64u, kMost - 1}) {
    std::atomic<long> result{-1000};
    std::thread waiter([&] {
      std::vector<Wanted> vector;
      for (const Word& word : words) vector.push_back(wanted(word));
      result = wait_v(vector.data(), kMost);
    });
    ASSERT_TRUE(wait_until([&] { return wake(words[which]) == 1; }));
    waiter.join();
    EXPECT_EQ(result, which);
    // It waits for none any more.
    for (const Word& word : words) EXPECT_EQ(wake(word), 0);
  }
}

TEST(FutexWaitv, OneWakeForMany) {
  static std::array<Word, 2> words;
  std::array<std::atomic<long>, 6> results;
  std::vector<std::thread> waiters;
  std::atomic<int> done{0};
  for (auto& result : results) {
    waiters.emplace_back([&] {
      // The same word twice, too.
      const std::array vector{wanted(words[0]), wanted(words[1]),
                              wanted(words[0])};
      result = wait_v(vector.data(), 3);
      ++done;
    });
  }
  sleep_ms(50);
  EXPECT_EQ(wake(words[1], 2), 2);
  ASSERT_TRUE(wait_until([&] { return done == 2; }));
  // Each counts twice, and learns of the last.
  EXPECT_EQ(wake(words[0]), 8);
  for (std::thread& waiter : waiters) waiter.join();
  int of_second = 0;
  for (auto& result : results) {
    EXPECT_TRUE(result == 1 || result == 2) << result;
    of_second += result == 1;
  }
  EXPECT_EQ(of_second, 2);
}

TEST(FutexWaitv, FollowsARequeuedWord) {
  static Word from, other, to;
  std::atomic<long> result{-1000};
  std::thread waiter([&] {
    const std::array vector{wanted(other), wanted(from)};
    result = wait_v(vector.data(), 2);
  });
  const void* const one = reinterpret_cast<const void*>(1);
  ASSERT_TRUE(wait_until([&] {
    return futex(&from, FUTEX_CMP_REQUEUE_PRIVATE, 0, one, &to) == 1;
  }));
  EXPECT_EQ(wake(from), 0);
  EXPECT_EQ(wake(to), 1);
  waiter.join();
  EXPECT_EQ(result, 1);
  EXPECT_EQ(wake(other), 0);
}

TEST(FutexWaitv, SharedWordsBetweenProcesses) {
  Shared<std::array<Word, 2>> words;
  const pid_t child = start_child([&] {
    const std::array vector{wanted((*words)[0], kWord32),
                            wanted((*words)[1], kWord32)};
    return static_cast<int>(wait_v(vector.data(), 2));
  });
  EXPECT_TRUE(
      wait_until([&] { return futex(&(*words)[1], FUTEX_WAKE, 1) == 1; }));
  EXPECT_EQ(wait_for(child), 1);
  // A private wait is another one.
  const pid_t other = start_child([&] {
    const std::array vector{wanted((*words)[0])};
    const timespec time = in_ms(100);
    return wait_v(vector.data(), 1, &time) == -ETIMEDOUT ? 0 : 1;
  });
  sleep_ms(50);
  EXPECT_EQ(futex(&(*words)[0], FUTEX_WAKE, 1), 0);
  EXPECT_EQ(wait_for(other), 0);
}

TEST(FutexWaitv, AChangedWord) {
  std::array<Word, 3> words{1, 2, 3};
  const std::array vector{wanted(words[0]), wanted(words[1]), wanted(words[2])};
  for (Word& word : words) {
    ++word;
    EXPECT_EQ(wait_v(vector.data(), 3), -EAGAIN);
    --word;
  }
  for (const Word& word : words) EXPECT_EQ(wake(word), 0);
}

TEST(FutexWaitv, Refusals) {
  const Word word = 5;
  const Wanted good = wanted(word);
  std::vector<Wanted> vector(kMost + 1, good);
  EXPECT_EQ(wait_v(vector.data(), kMost + 1), -EINVAL);
  EXPECT_EQ(wait_v(vector.data(), 0), -EINVAL);
  EXPECT_EQ(wait_v(nullptr, 1), -EINVAL);
  EXPECT_EQ(wait_v(vector.data(), 1, nullptr, CLOCK_MONOTONIC, 1), -EINVAL);
  EXPECT_EQ(wait_v(reinterpret_cast<void*>(8), 1), -EFAULT);
  const timespec soon = in_ms(10);
  EXPECT_EQ(wait_v(&good, 1, &soon, CLOCK_BOOTTIME), -EINVAL);
  EXPECT_EQ(wait_v(&good, 1, reinterpret_cast<void*>(8)), -EFAULT);
  for (const timespec bad :
       {timespec{-1, 0}, timespec{0, -1}, timespec{0, 1'000'000'000}}) {
    EXPECT_EQ(wait_v(&good, 1, &bad), -EINVAL);
  }
  // The second of two words.
  const auto refused = [&](Wanted second) {
    const std::array two{good, second};
    return wait_v(two.data(), 2, &soon);
  };
  for (const uint32_t flags :
       {0u, kPrivate, 1u, 3u, kWord32 | 4u, kWord32 | kPrivate | 0x100u}) {
    EXPECT_EQ(refused(wanted(word, flags)), -EINVAL) << flags;
  }
  Wanted bad = good;
  bad.reserved = 1;
  EXPECT_EQ(refused(bad), -EINVAL);
  bad = good;
  ++bad.address;
  EXPECT_EQ(refused(bad), -EINVAL);
  bad.address = 0;
  EXPECT_EQ(refused(bad), -EFAULT);
  bad.flags = kWord32;
  EXPECT_EQ(refused(bad), -EFAULT);
  EXPECT_EQ(wake(word), 0);
}

TEST(FutexWaitv, SignalsInterruptOrRestart) {
  ASSERT_EQ(handle(SIGUSR1, note), 0);
  ASSERT_EQ(handle(SIGUSR2, note, SA_RESTART), 0);
  static Word word;
  for (const int signal : {SIGUSR1, SIGUSR2}) {
    std::atomic<long> result{-1000};
    noted.count = 0;
    std::thread waiter([&] {
      const std::array vector{wanted(word)};
      result = wait_v(vector.data(), 1);
    });
    sleep_ms(30);
    pthread_kill(waiter.native_handle(), signal);
    EXPECT_TRUE(wait_until([&] { return noted.count == 1; }));
    if (signal == SIGUSR1) {
      EXPECT_TRUE(wait_until([&] { return result == -EINTR; }));
      EXPECT_EQ(wake(word), 0);
    } else {
      EXPECT_TRUE(wait_until([&] { return wake(word) == 1; }));
    }
    waiter.join();
    EXPECT_EQ(result, signal == SIGUSR1 ? -EINTR : 0);
  }
}

TEST(FutexWaitv, KilledWhileItWaits) {
  Shared<Word> word;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = start_child([&] {
      std::thread([&] {
        const std::vector<Wanted> vector(kMost, wanted(*word, kWord32));
        wait_v(vector.data(), kMost);
      }).detach();
      const std::array vector{wanted(*word, kWord32)};
      return static_cast<int>(wait_v(vector.data(), 1));
    });
    sleep_ms(5);
    EXPECT_EQ(kill(child, SIGKILL), 0);
    EXPECT_EQ(wait_for(child), -SIGKILL);
    EXPECT_EQ(futex(&*word, FUTEX_WAKE, INT_MAX), 0);
  }
}

}  // namespace
}  // namespace tine::guest
