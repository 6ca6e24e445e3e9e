// poll and select without descriptors only wait, for a time or for ever: so the
// C library's pause() on AArch64 is a ppoll().
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr long kMillisecond = 1'000'000;

template <typename Wait>
void expect_takes_ten_milliseconds(Wait&& wait) {
  struct timespec before;
  struct timespec after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  EXPECT_EQ(wait(), 0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  EXPECT_GE((after.tv_sec - before.tv_sec) * 1000 * kMillisecond +
                after.tv_nsec - before.tv_nsec,
            10 * kMillisecond);
}

TEST(PollSleep, LastsAsLongAsAsked) {
  expect_takes_ten_milliseconds([] { return poll(nullptr, 0, 10); });
  expect_takes_ten_milliseconds([] {
    const struct timespec time{0, 10 * kMillisecond};
    return ppoll(nullptr, 0, &time, nullptr);
  });
  expect_takes_ten_milliseconds([] {
    struct timeval time{0, 10'000};
    return select(0, nullptr, nullptr, nullptr, &time);
  });
  expect_takes_ten_milliseconds([] {
    const struct timespec time{0, 10 * kMillisecond};
    return pselect(0, nullptr, nullptr, nullptr, &time, nullptr);
  });
  EXPECT_EQ(poll(nullptr, 0, 0), 0);
}

TEST(PollSleep, MayLastForEver) {
  for (const int kind : {0, 1, 2}) {
    const pid_t child = start_child([&] {
      if (kind == 0) return pause();
      if (kind == 1) return poll(nullptr, 0, -1);
      return select(0, nullptr, nullptr, nullptr, nullptr);
    });
    const struct timespec time{0, 20 * kMillisecond};
    nanosleep(&time, nullptr);
    EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0) << kind;
    kill(child, SIGTERM);
    EXPECT_EQ(wait_for(child), -SIGTERM) << kind;
  }
}

TEST(PollSleep, Errors) {
  const struct timespec bad{0, -1};
  EXPECT_EQ(ppoll(nullptr, 0, &bad, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(select(-1, nullptr, nullptr, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
}  // namespace tine::guest
