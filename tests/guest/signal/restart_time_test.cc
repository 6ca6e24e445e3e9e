// A wait with a time that is stopped and continued, or held by a tracer, waits
// for the rest of its time, not for all of it again.
// feature-map: 6
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include <functional>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kWait = 600;

int64_t elapsed_ms(int64_t since) { return (now_ns() - since) / kMs; }

// What a child waits in, for kWait milliseconds; 0 if it ended as it should.
struct TimedWait {
  const char* name;
  int (*wait)();
};

int sleep_relative() {
  const timespec time{0, kWait * kMs};
  return nanosleep(&time, nullptr);
}
int sleep_with_rest() {
  const timespec time{0, kWait * kMs};
  timespec rest{};
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &rest);
}
int sleep_absolute() {
  const int64_t until = now_ns() + kWait * kMs;
  const timespec time{until / 1'000'000'000, until % 1'000'000'000};
  return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}
int futex_relative() {
  uint32_t word = 5;
  const timespec time{0, kWait * kMs};
  return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &time, nullptr, 0) ==
                     -1 &&
                 errno == ETIMEDOUT
             ? 0
             : 1;
}
int futex_absolute() {
  uint32_t word = 5;
  const int64_t until = now_ns() + kWait * kMs;
  const timespec time{until / 1'000'000'000, until % 1'000'000'000};
  return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 5, &time, nullptr,
                 1) == -1 &&
                 errno == ETIMEDOUT
             ? 0
             : 1;
}

const TimedWait kWaits[] = {{"nanosleep", sleep_relative},
                            {"clock_nanosleep", sleep_with_rest},
                            {"clock_nanosleep absolute", sleep_absolute},
                            {"futex", futex_relative},
                            {"futex absolute", futex_absolute}};

// Milliseconds that the child's wait took: as its exit status, in tenths.
pid_t start_waiting(int (*wait)()) {
  return start_child([wait] {
    const int64_t begin = now_ns();
    if (wait() != 0) return 255;
    const int64_t took = elapsed_ms(begin) / 10;
    return static_cast<int>(took < 254 ? took : 254);
  });
}

TEST(RestartTime, StoppedAndContinued) {
  for (const TimedWait& each : kWaits) {
    const pid_t child = start_waiting(each.wait);
    for (int i = 0; i < 3; ++i) {
      sleep_ms(100);
      int status;
      ASSERT_EQ(kill(child, SIGSTOP), 0);
      ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
      sleep_ms(20);
      ASSERT_EQ(kill(child, SIGCONT), 0);
    }
    const int took = wait_for(child) * 10;
    EXPECT_GE(took, kWait) << each.name;
    EXPECT_LT(took, kWait + 200) << each.name;
  }
}

// A wait that is over while the thread stands still ends when it goes on.
TEST(RestartTime, StoppedForLonger) {
  for (const TimedWait& each : kWaits) {
    const pid_t child = start_waiting(each.wait);
    sleep_ms(100);
    int status;
    ASSERT_EQ(kill(child, SIGSTOP), 0);
    ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
    sleep_ms(kWait + 100);
    ASSERT_EQ(kill(child, SIGCONT), 0);
    const int took = wait_for(child) * 10;
    EXPECT_GE(took, kWait + 150) << each.name;
    EXPECT_LT(took, kWait + 400) << each.name;
  }
}

// The tracer lets a signal that has no handler come to nothing.
TEST(RestartTime, HeldByATracer) {
  for (const TimedWait& each : kWaits) {
    const pid_t child = start_waiting(each.wait);
    sleep_ms(50);
    if (ptrace(PTRACE_SEIZE, child, nullptr, nullptr) != 0) {
      kill(child, SIGKILL);
      wait_for(child);
      GTEST_SKIP() << "no tracing here";
    }
    for (int i = 0; i < 3; ++i) {
      sleep_ms(100);
      int status;
      ASSERT_EQ(kill(child, SIGWINCH), 0);
      ASSERT_EQ(waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGWINCH);
      ASSERT_EQ(ptrace(PTRACE_CONT, child, nullptr, 0), 0);
    }
    const int took = wait_for(child) * 10;
    EXPECT_GE(took, kWait) << each.name;
    EXPECT_LT(took, kWait + 200) << each.name;
  }
}

// A futex whose word changes meanwhile is seen to have changed.
TEST(RestartTime, FutexWordIsLookedAtAgain) {
  const pid_t child = start_child([] {
    static uint32_t word;
    const pid_t tracer = start_child([] {
      const pid_t parent = getppid();
      sleep_ms(50);
      if (ptrace(PTRACE_SEIZE, parent, nullptr, nullptr) != 0) return 1;
      kill(parent, SIGWINCH);
      int status;
      if (waitpid(parent, &status, 0) != parent) return 2;
      ptrace(PTRACE_POKEDATA, parent, &word, reinterpret_cast<void*>(1L));
      ptrace(PTRACE_DETACH, parent, nullptr, nullptr);
      return 0;
    });
    const timespec time{20, 0};
    const long result =
        syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time, nullptr, 0);
    const int error = errno;
    const int tracing = wait_for(tracer);
    if (tracing != 0) {
      return tracing;
    }
    CHILD_CHECK(result == -1 && error == EAGAIN);
    return 0;
  });
  const int end = wait_for(child);
  if (end == 1) GTEST_SKIP() << "no tracing here";
  EXPECT_EQ(end, 0);
}

// Nothing is left to be made again.
TEST(RestartTime, NothingToRestart) {
  EXPECT_EQ(syscall(SYS_restart_syscall), -1);
  EXPECT_EQ(errno, EINTR);
}

// sigtimedwait is one of the calls that a stop ends.
TEST(RestartTime, WaitForSignalsEnds) {
  const pid_t child = start_child([] {
    const sigset_t set = block({SIGUSR2});
    (void)set;
    const sigset_t wanted = set_of({SIGUSR2});
    const timespec time{20, 0};
    const int result = sigtimedwait(&wanted, nullptr, &time);
    return result == -1 && errno == EINTR ? 0 : 1;
  });
  sleep_ms(50);
  int status;
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
