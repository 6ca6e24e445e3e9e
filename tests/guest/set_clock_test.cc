// What follows CLOCK_REALTIME when it is set. Not for the host, whose time is
// everybody's.
// feature-map: 70, 71
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr time_t kHour = 3600;

// CLOCK_REALTIME goes by so many seconds.
timespec move_clock(time_t seconds) {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += seconds;
  EXPECT_EQ(clock_settime(CLOCK_REALTIME, &time), 0);
  return time;
}

TEST(SetClock, TimersForATimeOfIt) {
  for (const bool cancels : {false, true}) {
    const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const itimerspec time = {{0, 0}, {now.tv_sec + kHour, 0}};
    ASSERT_EQ(
        timerfd_settime(
            fd, TFD_TIMER_ABSTIME | (cancels ? TFD_TIMER_CANCEL_ON_SET : 0),
            &time, nullptr),
        0);
    pollfd poll_fd = {fd, POLLIN, 0};
    EXPECT_EQ(poll(&poll_fd, 1, 0), 0);
    move_clock(2 * kHour);
    EXPECT_EQ(poll(&poll_fd, 1, 5000), 1);
    uint64_t count = 0;
    if (cancels) {
      EXPECT_ERRNO(ECANCELED, read(fd, &count, sizeof(count)));
      EXPECT_EQ(poll(&poll_fd, 1, 5000), 1);
    }
    EXPECT_EQ(read(fd, &count, sizeof(count)), 8);
    EXPECT_EQ(count, 1u);
    move_clock(-2 * kHour);
    close(fd);
  }
}

TEST(SetClock, TimersForATimeFromNow) {
  const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  const itimerspec time = {{0, 0}, {kHour, 0}};
  ASSERT_EQ(timerfd_settime(fd, 0, &time, nullptr), 0);
  move_clock(2 * kHour);
  uint64_t count = 0;
  EXPECT_ERRNO(EAGAIN, read(fd, &count, sizeof(count)));
  move_clock(-2 * kHour);
  close(fd);
}

TEST(SetClock, FilesGetTheNewTime) {
  const TemporaryDirectory directory;
  const timespec later = move_clock(24 * kHour);
  ASSERT_TRUE(put_file(directory / "file", ""));
  EXPECT_GE(stat_of(directory / "file").st_mtim.tv_sec, later.tv_sec);
  move_clock(-24 * kHour);
  ASSERT_TRUE(put_file(directory / "file", "again"));
  EXPECT_LT(stat_of(directory / "file").st_mtim.tv_sec, later.tv_sec);
}

}  // namespace
}  // namespace tine::guest
