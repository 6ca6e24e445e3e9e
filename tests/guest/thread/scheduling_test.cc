// Programs that never wait share the CPU: by sched_yield, by time slices, and
// while others wait and wake.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

using Counter = uint64_t;

Counter read(const Counter& counter) {
  return __atomic_load_n(&counter, __ATOMIC_ACQUIRE);
}
void step(Counter& counter) {
  __atomic_fetch_add(&counter, 1, __ATOMIC_RELEASE);
}

// A child that repeats `body` until the end of this scope.
class EndlessChild {
 public:
  template <typename Body>
  explicit EndlessChild(Body body) {
    pid_ = start_child([body]() -> int {
      for (;;) body();
    });
  }
  EndlessChild(const EndlessChild&) = delete;
  EndlessChild& operator=(const EndlessChild&) = delete;
  ~EndlessChild() { EXPECT_EQ(end(), -SIGKILL); }

 private:
  int end() const {
    return pid_ > 0 && kill(pid_, SIGKILL) == 0 ? wait_for(pid_) : kNoChild;
  }
  pid_t pid_;
};

// The caller sleeps: it takes no part in what it watches.
bool all_reach(const std::vector<const Counter*>& counters, Counter goal) {
  for (int i = 0; i < 2000; ++i) {
    bool reached = true;
    for (const Counter* counter : counters) reached &= read(*counter) >= goal;
    if (reached) return true;
    sleep_ms(5);
  }
  return false;
}

TEST(Scheduling, YieldLetsTwoProcessesTakeTurns) {
  constexpr Counter kTurns = 2000;
  Shared<Counter> turn;
  const auto play = [&turn](Counter first) {
    for (Counter mine = first; mine < kTurns; mine += 2) {
      while (read(*turn) != mine) {
        if (sched_yield() != 0) return 1;
      }
      step(*turn);
    }
    return 0;
  };
  const pid_t child = start_child([&] { return play(1); });
  EXPECT_EQ(play(0), 0);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(*turn, kTurns);
}

TEST(Scheduling, YieldLetsManyProcessesTakeTurns) {
  constexpr Counter kProcesses = 7;
  constexpr Counter kTurns = 100 * kProcesses;
  Shared<Counter> turn;
  std::vector<pid_t> children;
  for (Counter first = 0; first < kProcesses; ++first) {
    children.push_back(start_child([&turn, first] {
      for (Counter mine = first; mine < kTurns; mine += kProcesses) {
        while (read(*turn) != mine) sched_yield();
        step(*turn);
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(*turn, kTurns);
}

TEST(Scheduling, TwoSpinningProcessesBothMakeProgress) {
  Shared<std::array<Counter, 2>> counters;
  const EndlessChild one([&] { step((*counters)[0]); });
  const EndlessChild two([&] { step((*counters)[1]); });
  EXPECT_TRUE(all_reach({&(*counters)[0], &(*counters)[1]}, 100'000));
  // Both again: neither got only the time before the other's birth.
  const Counter seen = read((*counters)[0]) > read((*counters)[1])
                           ? read((*counters)[0])
                           : read((*counters)[1]);
  EXPECT_TRUE(all_reach({&(*counters)[0], &(*counters)[1]}, seen + 100'000));
}

// Most of their time passes in servers, which no slice interrupts.
TEST(Scheduling, ProcessesThatOnlyMakeSystemCallsShareTheProcessor) {
  Shared<std::array<Counter, 3>> counters;
  const EndlessChild caller([&] { getppid(), step((*counters)[0]); });
  const EndlessChild other([&] { getppid(), step((*counters)[1]); });
  const EndlessChild spinner([&] { step((*counters)[2]); });
  EXPECT_TRUE(
      all_reach({&(*counters)[0], &(*counters)[1], &(*counters)[2]}, 20'000));
}

TEST(Scheduling, ProcessesThatOnlyForkShareTheProcessor) {
  Shared<std::array<Counter, 3>> counters;
  const auto fork_once = [](Counter& counter) {
    if (run_child([] { return 0; }) == 0) step(counter);
  };
  const EndlessChild one([&] { fork_once((*counters)[0]); });
  const EndlessChild two([&] { fork_once((*counters)[1]); });
  const EndlessChild spinner([&] { step((*counters)[2]); });
  EXPECT_TRUE(all_reach({&(*counters)[0], &(*counters)[1]}, 20));
  EXPECT_TRUE(all_reach({&(*counters)[2]}, 100'000));
}

TEST(Scheduling, YieldingProcessesDoNotStarveASpinningOne) {
  Shared<std::array<Counter, 3>> counters;
  const EndlessChild one([&] { sched_yield(), step((*counters)[0]); });
  const EndlessChild two([&] { sched_yield(), step((*counters)[1]); });
  const EndlessChild spinner([&] { step((*counters)[2]); });
  EXPECT_TRUE(all_reach({&(*counters)[0], &(*counters)[1]}, 20));
  EXPECT_TRUE(all_reach({&(*counters)[2]}, 100'000));
}

TEST(Scheduling, ASpinningProcessDoesNotKeepOthersFromForking) {
  Shared<Counter> counter;
  const EndlessChild spinner([&] { step(*counter); });
  for (int i = 0; i < 20; ++i) ASSERT_EQ(run_child([i] { return i; }), i);
  EXPECT_TRUE(all_reach({&*counter}, 1));
}

// What a slice's end interrupts goes on as if nothing had been.
TEST(Scheduling, PreemptionKeepsIntegerAndFloatingPointRegisters) {
  const auto compute = [](double seed) {
    double x = seed;
    double y = 1 - seed;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 5'000'000; ++i) {
      x = 3.9 * x * (1 - x);
      y = 3.7 * y * (1 - y);
      bits ^= bits << 13;
      bits ^= bits >> 7;
      bits ^= bits << 17;
    }
    return x + y + static_cast<double>(bits >> 40);
  };
  Shared<std::array<double, 3>> results;
  std::vector<pid_t> children;
  for (size_t i = 0; i < 3; ++i) {
    children.push_back(start_child([&, i] {
      (*results)[i] = compute(0.1 + 0.1 * static_cast<double>(i));
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*results)[i], compute(0.1 + 0.1 * static_cast<double>(i)));
  }
}

}  // namespace
}  // namespace tine::guest
