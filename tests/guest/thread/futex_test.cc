// The futex call: each operation, both kinds of words, and bad arguments.
// feature-map: 53, 78
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/thread_state.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

using Word = std::atomic<uint32_t>;

// The result, or a negated errno.
long futex(const void* word, int operation, uint32_t value = 0,
           const void* fourth = nullptr, const void* second = nullptr,
           uint32_t last = 0) {
  const long result =
      syscall(SYS_futex, word, operation, value, fourth, second, last);
  return result < 0 ? -errno : result;
}

const void* count(uintptr_t number) {
  return reinterpret_cast<const void*>(number);
}

constexpr timespec kSoon{0, 20'000'000};

timespec in_20_ms(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  now.tv_nsec += kSoon.tv_nsec;
  if (now.tv_nsec >= 1'000'000'000) {
    ++now.tv_sec;
    now.tv_nsec -= 1'000'000'000;
  }
  return now;
}

// Threads that each make one call and keep its result. When settle() returns
// each sleeps in it, or it has ended.
class Waiters {
 public:
  template <typename Call>
  void add(Call call) {
    waits_.push_back(std::make_unique<OneWait>());
    OneWait* const wait = waits_.back().get();
    threads_.emplace_back([wait, call] {
      wait->tid = gettid();
      wait->result = call();
    });
    settle();
  }
  void settle() const {
    EXPECT_TRUE(wait_until([&] {
      return std::ranges::all_of(waits_, [](const auto& wait) {
        return wait->result != kNone ||
               (wait->tid != 0 && thread_state(getpid(), wait->tid) == 'S');
      });
    }));
  }
  long result(size_t i) const { return waits_[i]->result; }
  int ended() const {
    int number = 0;
    for (const auto& wait : waits_) number += wait->result != kNone;
    return number;
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  ~Waiters() { join(); }

  static constexpr long kNone = 1'000'000;

 private:
  struct OneWait {
    std::atomic<pid_t> tid = 0;
    std::atomic<long> result = kNone;
  };

  std::vector<std::thread> threads_;
  std::vector<std::unique_ptr<OneWait>> waits_;
};

class Futex : public testing::TestWithParam<int> {
 protected:
  int op(int operation) const { return operation | GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(PrivateAndShared, Futex,
                         testing::Values(FUTEX_PRIVATE_FLAG, 0));

TEST_P(Futex, WaitLooksAtTheWordFirst) {
  Word word = 5;
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT), 4), -EAGAIN);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET), 4, nullptr, nullptr, 1),
            -EAGAIN);
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE), 1), 0);
}

TEST_P(Futex, WakesFirstComeFirst) {
  Word word = 0;
  Waiters waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.add([&] { return futex(&word, op(FUTEX_WAIT), 0); });
  }
  EXPECT_EQ(waiters.ended(), 0);
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE), 1), 1);
  waiters.settle();
  EXPECT_EQ(waiters.ended(), 1);
  EXPECT_EQ(waiters.result(0), 0);
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE), INT_MAX), 2);
  waiters.join();
  EXPECT_EQ(waiters.result(2), 0);
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE), INT_MAX), 0);
}

TEST_P(Futex, WakingNoneWakesOne) {
  Word word = 0;
  Waiters waiters;
  waiters.add([&] { return futex(&word, op(FUTEX_WAIT), 0); });
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE), 0), 1);
}

TEST_P(Futex, TimesOut) {
  Word word = 0;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT), 0, &kSoon), -ETIMEDOUT);
  timespec until = in_20_ms(CLOCK_MONOTONIC);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET), 0, &until, nullptr, 1),
            -ETIMEDOUT);
  until = in_20_ms(CLOCK_REALTIME);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME), 0,
                  &until, nullptr, ~0U),
            -ETIMEDOUT);
  EXPECT_GE(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(59));
  // A time gone by is no time to wait at all.
  const timespec past{1, 0};
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET), 0, &past, nullptr, 1),
            -ETIMEDOUT);
  const timespec none{0, 0};
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT), 0, &none), -ETIMEDOUT);
}

TEST_P(Futex, BitsetsMeet) {
  Word word = 0;
  Waiters waiters;
  waiters.add([&] {
    return futex(&word, op(FUTEX_WAIT_BITSET), 0, nullptr, nullptr, 0b0011);
  });
  waiters.add([&] {
    return futex(&word, op(FUTEX_WAIT_BITSET), 0, nullptr, nullptr, 0b0110);
  });
  waiters.add([&] { return futex(&word, op(FUTEX_WAIT), 0); });
  const auto wake = [&](uint32_t bits) {
    return futex(&word, op(FUTEX_WAKE_BITSET), 1, nullptr, nullptr, bits);
  };
  EXPECT_EQ(wake(0b0100), 1);
  waiters.settle();
  EXPECT_EQ(waiters.result(0), Waiters::kNone);
  EXPECT_EQ(waiters.result(1), 0);
  EXPECT_EQ(wake(0b1000), 1);  // plain waits have all bits
  waiters.settle();
  EXPECT_EQ(waiters.result(2), 0);
  EXPECT_EQ(wake(0b1000), 0);
  EXPECT_EQ(wake(0), -EINVAL);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET), 0, nullptr, nullptr, 0),
            -EINVAL);
  EXPECT_EQ(wake(1), 1);
}

TEST_P(Futex, RequeueMovesWaiters) {
  Word from = 0;
  Word to = 0;
  Waiters waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.add([&] { return futex(&from, op(FUTEX_WAIT), 0); });
  }
  EXPECT_EQ(futex(&from, op(FUTEX_CMP_REQUEUE), 1, count(2), &to, 9), -EAGAIN);
  EXPECT_EQ(futex(&from, op(FUTEX_CMP_REQUEUE), 1, count(2), &to, 0), 3);
  waiters.settle();
  EXPECT_EQ(waiters.ended(), 1);
  EXPECT_EQ(futex(&to, op(FUTEX_WAKE), INT_MAX), 2);
  waiters.settle();
  EXPECT_EQ(waiters.ended(), 3);
  EXPECT_EQ(futex(&from, op(FUTEX_REQUEUE), 0, count(INT_MAX), &to), 2);
  EXPECT_EQ(futex(&from, op(FUTEX_WAKE), INT_MAX), 0);
  EXPECT_EQ(futex(&to, op(FUTEX_REQUEUE), 0, count(1), &to), 1);
  EXPECT_EQ(futex(&to, op(FUTEX_WAKE), INT_MAX), 2);
}

TEST_P(Futex, ARequeuedWaiterStillTimesOut) {
  Word from = 0;
  Word to = 0;
  Waiters waiters;
  waiters.add([&] {
    const timespec time{0, 60'000'000};
    return futex(&from, op(FUTEX_WAIT), 0, &time);
  });
  EXPECT_EQ(futex(&from, op(FUTEX_REQUEUE), 0, count(1), &to), 1);
  waiters.join();
  EXPECT_EQ(waiters.result(0), -ETIMEDOUT);
  EXPECT_EQ(futex(&to, op(FUTEX_WAKE), 1), 0);
}

TEST_P(Futex, RequeueRefusesNegativeCounts) {
  Word from = 0;
  Word to = 0;
  EXPECT_EQ(futex(&from, op(FUTEX_REQUEUE), ~0U, count(1), &to), -EINVAL);
  EXPECT_EQ(futex(&from, op(FUTEX_REQUEUE), 1, count(~0U), &to), -EINVAL);
  EXPECT_EQ(futex(&from, op(FUTEX_CMP_REQUEUE), ~0U, count(1), &to, 0),
            -EINVAL);
}

TEST_P(Futex, WakeOpChangesAndCompares) {
  struct Case {
    int operation, operand, comparison, compared;
    uint32_t before, after;
    bool holds;
  };
  const Case cases[] = {
      {FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 3, 3, 7, true},
      {FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 3, 4, 7, false},
      {FUTEX_OP_ADD, 5, FUTEX_OP_CMP_NE, 3, 4, 9, true},
      {FUTEX_OP_ADD, -1 & 0xfff, FUTEX_OP_CMP_LT, 0, 0, ~0U, false},
      {FUTEX_OP_OR, 0x50, FUTEX_OP_CMP_LE, 5, 5, 0x55, true},
      {FUTEX_OP_ANDN, 0x0f, FUTEX_OP_CMP_GT, 1, 0xff, 0xf0, true},
      {FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GE, -1 & 0xfff, ~0U, ~0xffU, true},
      {FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 12, FUTEX_OP_CMP_LT, 0, 1, 1 << 12,
       false},
      {FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_LT, 0,
       uint32_t{1} << 31, uint32_t{1} << 31, true},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.operation * 100 + test.comparison);
    Word first = 0;
    Word second = test.before;
    Waiters waiters;
    waiters.add([&] { return futex(&first, op(FUTEX_WAIT), 0); });
    waiters.add([&] { return futex(&second, op(FUTEX_WAIT), test.before); });
    const uint32_t encoded = static_cast<uint32_t>(test.operation) << 28 |
                             static_cast<uint32_t>(test.comparison) << 24 |
                             static_cast<uint32_t>(test.operand) << 12 |
                             static_cast<uint32_t>(test.compared);
    EXPECT_EQ(futex(&first, op(FUTEX_WAKE_OP), 1, count(1), &second, encoded),
              test.holds ? 2 : 1);
    EXPECT_EQ(second, test.after);
    EXPECT_EQ(futex(&second, op(FUTEX_WAKE), 1), test.holds ? 0 : 1);
  }
}

TEST_P(Futex, WakeOpRefusesWhatItDoesNotKnow) {
  Word first = 0;
  Word second = 3;
  const auto wake_op = [&](uint32_t encoded) {
    return futex(&first, op(FUTEX_WAKE_OP), 1, count(1), &second, encoded);
  };
  EXPECT_EQ(wake_op(5U << 28), -ENOSYS);
  EXPECT_EQ(second, 3U);
  EXPECT_EQ(wake_op(6U << 24), -ENOSYS);  // a comparison: the word is changed
  EXPECT_EQ(second, 0U);
}

TEST_P(Futex, BadAddressesAndTimes) {
  Word word = 0;
  const char* const odd = reinterpret_cast<const char*>(&word) + 1;
  const void* const nowhere = count(4096);
  const void* const far = count(UINTPTR_MAX - 4095);
  EXPECT_EQ(futex(odd, op(FUTEX_WAIT), 0), -EINVAL);
  EXPECT_EQ(futex(odd, op(FUTEX_WAKE), 1), -EINVAL);
  EXPECT_EQ(futex(&word, op(FUTEX_REQUEUE), 1, count(1), odd), -EINVAL);
  EXPECT_EQ(futex(nowhere, op(FUTEX_WAIT), 0), -EFAULT);
  EXPECT_EQ(futex(far, op(FUTEX_WAIT), 0), -EFAULT);
  EXPECT_EQ(futex(far, op(FUTEX_WAKE), 1), -EFAULT);
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE_OP), 1, count(1), nowhere, 0), -EFAULT);
  // A private word is known by its address, whatever is there.
  EXPECT_EQ(futex(nowhere, op(FUTEX_WAKE), 1), GetParam() != 0 ? 0 : -EFAULT);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT), 0, nowhere), -EFAULT);
  for (const timespec& time :
       {timespec{0, 1'000'000'000}, timespec{0, -1}, timespec{-1, 0}}) {
    EXPECT_EQ(futex(&word, op(FUTEX_WAIT), 0, &time), -EINVAL);
    EXPECT_EQ(futex(&word, op(FUTEX_WAIT_BITSET), 0, &time, nullptr, 1),
              -EINVAL);
  }
}

TEST_P(Futex, UnknownOperations) {
  Word word = 0;
  for (const int operation : {2, 14, 77, 127}) {
    EXPECT_EQ(futex(&word, op(operation), 0), -ENOSYS) << operation;
  }
  EXPECT_EQ(futex(&word, op(FUTEX_WAKE | FUTEX_CLOCK_REALTIME), 1), -ENOSYS);
  EXPECT_EQ(futex(&word, op(FUTEX_WAIT | FUTEX_CLOCK_REALTIME), 0), -ENOSYS);
}

TEST_P(Futex, WordsUnmappedInTheMiddle) {
  char* const pages =
      static_cast<char*>(mmap(nullptr, 3 * 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(pages, MAP_FAILED);
  ASSERT_EQ(munmap(pages + 4096, 4096), 0);
  EXPECT_EQ(futex(pages + 4096 - 4, op(FUTEX_WAIT), 1), -EAGAIN);
  EXPECT_EQ(futex(pages + 4096, op(FUTEX_WAIT), 1), -EFAULT);
  EXPECT_EQ(futex(pages, op(FUTEX_CMP_REQUEUE), 1, count(1), pages + 8192, 0),
            0);
  EXPECT_EQ(futex(pages + 4096, op(FUTEX_CMP_REQUEUE), 1, count(1), pages, 0),
            -EFAULT);
  // A word that cannot be written can be waited for, but not changed; and not
  // even that as a shared one of memory that nobody shares.
  ASSERT_EQ(mprotect(pages, 4096, PROT_READ), 0);
  EXPECT_EQ(futex(pages, op(FUTEX_WAIT), 1),
            GetParam() != 0 ? -EAGAIN : -EFAULT);
  EXPECT_EQ(futex(pages + 8192, op(FUTEX_WAKE_OP), 1, count(1), pages, 0),
            -EFAULT);
  ASSERT_EQ(munmap(pages, 3 * 4096), 0);
}

// The word goes while somebody waits for it: the waiter just sleeps on.
TEST_P(Futex, UnmappingAWordHarmsNobody) {
  char* const page =
      static_cast<char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  Waiters waiters;
  waiters.add([&] {
    const timespec time{0, 50'000'000};
    return futex(page, op(FUTEX_WAIT), 0, &time);
  });
  ASSERT_EQ(munmap(page, 4096), 0);
  waiters.join();
  EXPECT_EQ(waiters.result(0), -ETIMEDOUT);
}

TEST(FutexKinds, ProcessesShareWordsOfSharedMemory) {
  Shared<Word> word;
  const pid_t child =
      start_child([&] { return futex(&*word, FUTEX_WAIT, 0) == 0 ? 8 : 9; });
  usleep(30'000);
  // As a private word nobody else knows it.
  EXPECT_EQ(futex(&*word, FUTEX_WAKE_PRIVATE, 1), 0);
  EXPECT_EQ(futex(&*word, FUTEX_WAKE, 1), 1);
  EXPECT_EQ(wait_for(child), 8);
}

TEST(FutexKinds, SharedWordsAreKnownByTheirMemoryNotTheirAddress) {
  char* const pages =
      static_cast<char*>(mmap(nullptr, 2 * 4096, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(pages, MAP_FAILED);
  const pid_t child = start_child([&] {
    // The second page, moved to where nobody else has it.
    void* const moved = mremap(pages + 4096, 4096, 4096, MREMAP_MAYMOVE);
    CHILD_CHECK(moved != MAP_FAILED);
    void* const away =
        mremap(moved, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, pages - 65536);
    CHILD_CHECK(away != MAP_FAILED);
    return futex(static_cast<char*>(away) + 8, FUTEX_WAIT, 0) == 0 ? 8 : 9;
  });
  usleep(40'000);
  EXPECT_EQ(futex(pages + 8, FUTEX_WAKE, 9), 0);
  EXPECT_EQ(futex(pages + 4096 + 8, FUTEX_WAKE, 9), 1);
  EXPECT_EQ(wait_for(child), 8);
  ASSERT_EQ(munmap(pages, 2 * 4096), 0);
}

TEST(FutexKinds, PrivateMemoryOfTwoProcessesIsNotShared) {
  static Word word = 0;
  const pid_t child = start_child([&] {
    const timespec time{0, 60'000'000};
    return futex(&word, FUTEX_WAIT, 0, &time) == -ETIMEDOUT ? 8 : 9;
  });
  usleep(20'000);
  EXPECT_EQ(futex(&word, FUTEX_WAKE, 9), 0);
  EXPECT_EQ(wait_for(child), 8);
}

TEST(FutexKinds, AChildThatEndsWakesOnlyWhomItsTidWordNames) {
  // A waiter that dies takes its place in the queue with it.
  Shared<Word> word;
  const pid_t child =
      start_child([&] { return futex(&*word, FUTEX_WAIT, 0) == 0 ? 8 : 9; });
  usleep(30'000);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(futex(&*word, FUTEX_WAKE, 9), 0);
}

}  // namespace
}  // namespace tine::guest
