// Who has a lock with priority inheritance runs at the priority of the best
// thread that waits for it. feature-map: 53, 66
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

using Word = uint32_t;

long futex(Word* word, int operation, const timespec* time = nullptr) {
  const long result = syscall(SYS_futex, word, operation, 0, time, nullptr, 0);
  return result < 0 ? -errno : result;
}
long lock(Word* word, const timespec* time = nullptr) {
  return futex(word, FUTEX_LOCK_PI_PRIVATE, time);
}
long unlock(Word* word) { return futex(word, FUTEX_UNLOCK_PI_PRIVATE); }
bool is_waited_for(const Word& word) {
  return (__atomic_load_n(&word, __ATOMIC_SEQ_CST) & FUTEX_WAITERS) != 0;
}

int set_fifo(pid_t tid, int priority) {
  const sched_param wanted{priority};
  return sched_setscheduler(tid, SCHED_FIFO, &wanted);
}

// What the thread runs at: -1 less its real-time priority.
int running_at(pid_t tid) {
  std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/stat");
  std::string text(std::istreambuf_iterator<char>{file}, {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  constexpr int kState = 3, kPriority = 18;
  for (int i = kState; i <= kPriority; ++i) fields >> field;
  return -1 - std::stoi(field);
}

// A thread of that priority that does as it is told.
class Worker {
 public:
  explicit Worker(int priority) : thread_([this] { serve(); }) {
    EXPECT_TRUE(wait_until([&] { return tid_ != 0; }));
    EXPECT_EQ(set_fifo(tid_, priority), 0);
  }
  ~Worker() {
    start([this] { ends_ = true; });
    thread_.join();
  }
  pid_t tid() const { return tid_; }
  int priority() const { return running_at(tid_); }
  void start(std::function<void()> work) {
    finish();
    work_ = std::move(work);
    is_busy_ = true;
  }
  bool finish() {
    return wait_until([&] { return !is_busy_; });
  }
  void run(std::function<void()> work) {
    start(std::move(work));
    EXPECT_TRUE(finish());
  }

 private:
  void serve() {
    tid_ = static_cast<pid_t>(syscall(SYS_gettid));
    while (!ends_) {
      while (!is_busy_) sleep_ms(1);
      work_();
      is_busy_ = false;
    }
  }

  std::function<void()> work_;
  std::atomic<pid_t> tid_{0};
  std::atomic<bool> is_busy_{false};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

class Boost : public testing::Test {
 protected:
  void SetUp() override {
    if (set_fifo(0, 1) != 0) GTEST_SKIP() << "no right to real-time policies";
    const sched_param none{0};
    ASSERT_EQ(sched_setscheduler(0, SCHED_OTHER, &none), 0);
  }
};

TEST_F(Boost, WhileABetterOneWaits) {
  Word word = 0;
  Worker owner(5), better(30);
  owner.run([&] { EXPECT_EQ(lock(&word), 0); });
  EXPECT_EQ(owner.priority(), 5);
  better.start([&] {
    EXPECT_EQ(lock(&word), 0);
    EXPECT_EQ(unlock(&word), 0);
  });
  ASSERT_TRUE(wait_until([&] { return is_waited_for(word); }));
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 30; }));
  // What it asked for is as it was.
  sched_param own{};
  EXPECT_EQ(sched_getparam(owner.tid(), &own), 0);
  EXPECT_EQ(own.sched_priority, 5);
  owner.run([&] { EXPECT_EQ(unlock(&word), 0); });
  EXPECT_TRUE(better.finish());
  EXPECT_EQ(owner.priority(), 5);
  EXPECT_EQ(word, 0u);
}

TEST_F(Boost, OfAnOrdinaryThread) {
  Word word = 0;
  Worker better(12);
  const auto own = static_cast<pid_t>(syscall(SYS_gettid));
  EXPECT_LT(running_at(own), 0);
  ASSERT_EQ(lock(&word), 0);
  better.start([&] {
    EXPECT_EQ(lock(&word), 0);
    EXPECT_EQ(unlock(&word), 0);
  });
  EXPECT_TRUE(wait_until([&] { return running_at(own) == 12; }));
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
  // Its child is an ordinary one.
  EXPECT_EQ(
      run_child([] {
        return running_at(static_cast<pid_t>(syscall(SYS_gettid))) < 0 ? 0 : 1;
      }),
      0);
  ASSERT_EQ(unlock(&word), 0);
  EXPECT_TRUE(better.finish());
  EXPECT_LT(running_at(own), 0);
}

TEST_F(Boost, ThroughAChainOfOwners) {
  Word first = 0, second = 0;
  Worker low(5), middle(10), high(30);
  low.run([&] { EXPECT_EQ(lock(&first), 0); });
  middle.run([&] { EXPECT_EQ(lock(&second), 0); });
  middle.start([&] {
    EXPECT_EQ(lock(&first), 0);
    EXPECT_EQ(unlock(&first), 0);
    EXPECT_EQ(unlock(&second), 0);
  });
  EXPECT_TRUE(wait_until([&] { return low.priority() == 10; }));
  high.start([&] {
    EXPECT_EQ(lock(&second), 0);
    EXPECT_EQ(unlock(&second), 0);
  });
  EXPECT_TRUE(wait_until([&] { return low.priority() == 30; }));
  EXPECT_EQ(middle.priority(), 30);
  // It follows what the waiter is given.
  EXPECT_EQ(set_fifo(high.tid(), 20), 0);
  EXPECT_EQ(low.priority(), 20);
  EXPECT_EQ(middle.priority(), 20);
  EXPECT_EQ(set_fifo(high.tid(), 3), 0);
  EXPECT_EQ(low.priority(), 10);
  EXPECT_EQ(middle.priority(), 10);
  EXPECT_EQ(set_fifo(low.tid(), 15), 0);
  EXPECT_EQ(low.priority(), 15);
  low.run([&] { EXPECT_EQ(unlock(&first), 0); });
  EXPECT_TRUE(middle.finish());
  EXPECT_TRUE(high.finish());
  EXPECT_EQ(middle.priority(), 10);
}

TEST_F(Boost, EndsWithTheWait) {
  Word word = 0;
  Worker owner(5), better(30), best(40);
  owner.run([&] { EXPECT_EQ(lock(&word), 0); });
  const auto wait_for_ms = [&](int64_t ms) {
    const int64_t at = now_ns(CLOCK_REALTIME) + ms * 1'000'000;
    const timespec time{at / 1'000'000'000, at % 1'000'000'000};
    EXPECT_EQ(lock(&word, &time), -ETIMEDOUT);
  };
  better.start([&] { wait_for_ms(400); });
  best.start([&] { wait_for_ms(150); });
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 40; }));
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 30; }));
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 5; }));
  EXPECT_TRUE(better.finish());
  EXPECT_TRUE(best.finish());
  owner.run([&] { EXPECT_EQ(unlock(&word), 0); });
}

TEST_F(Boost, TheNextOwnerHasIt) {
  Word word = 0;
  Worker owner(5), better(30), good(20);
  owner.run([&] { EXPECT_EQ(lock(&word), 0); });
  good.start([&] { EXPECT_EQ(lock(&word), 0); });
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 20; }));
  better.start([&] { EXPECT_EQ(lock(&word), 0); });
  EXPECT_TRUE(wait_until([&] { return owner.priority() == 30; }));
  owner.run([&] { EXPECT_EQ(unlock(&word), 0); });
  EXPECT_TRUE(better.finish());
  EXPECT_EQ(owner.priority(), 5);
  EXPECT_EQ(better.priority(), 30);
  // Another one, better than the owner of now.
  EXPECT_EQ(set_fifo(good.tid(), 35), 0);
  EXPECT_EQ(better.priority(), 35);
  better.run([&] { EXPECT_EQ(unlock(&word), 0); });
  EXPECT_TRUE(good.finish());
  EXPECT_EQ(better.priority(), 30);
  good.run([&] { EXPECT_EQ(unlock(&word), 0); });
}

// What all this is for: without it the middle one would keep the best waiting.
TEST_F(Boost, NobodyBetweenThemRuns) {
  EXPECT_EQ(run_child([] {
              cpu_set_t all;
              CHILD_CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
              int cpu = 0;
              while (!CPU_ISSET(cpu, &all)) ++cpu;
              cpu_set_t one;
              CPU_ZERO(&one);
              CPU_SET(cpu, &one);
              CHILD_CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
              CHILD_CHECK(set_fifo(0, 60) == 0);
              static Word word;
              static std::string order;
              static const auto compute = [] {
                const int64_t end =
                    now_ns(CLOCK_THREAD_CPUTIME_ID) + 30'000'000;
                while (now_ns(CLOCK_THREAD_CPUTIME_ID) < end) {
                }
              };
              std::thread low([] {
                set_fifo(0, 10);
                CHILD_CHECK(lock(&word) == 0);
                sleep_ms(30);
                compute();
                order += 'l';
                CHILD_CHECK(unlock(&word) == 0);
              });
              sleep_ms(10);
              std::thread middle([] {
                set_fifo(0, 20);
                sleep_ms(20);
                compute();
                order += 'm';
              });
              std::thread high([] {
                set_fifo(0, 30);
                CHILD_CHECK(lock(&word) == 0);
                order += 'h';
                CHILD_CHECK(unlock(&word) == 0);
              });
              low.join();
              middle.join();
              high.join();
              CHILD_CHECK(order == "lhm");
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
