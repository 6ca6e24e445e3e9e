// What follows CLOCK_REALTIME when it is set. Not for the host, whose time is
// everybody's.
// feature-map: 70, 71
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
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

// The same of timers that send signals, and of sleeps.
TEST(SetClock, PosixTimersForATimeOfIt) {
  for (const bool is_absolute : {false, true}) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    timer_t timer{};
    ASSERT_EQ(timer_create(CLOCK_REALTIME, &event, &timer), 0);
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const itimerspec time = {{0, 0},
                             {(is_absolute ? now.tv_sec : 0) + kHour, 0}};
    ASSERT_EQ(
        timer_settime(timer, is_absolute ? TIMER_ABSTIME : 0, &time, nullptr),
        0);
    // Back it has farther to go.
    move_clock(-kHour);
    itimerspec left{};
    ASSERT_EQ(timer_gettime(timer, &left), 0);
    EXPECT_NEAR(static_cast<double>(left.it_value.tv_sec),
                static_cast<double>(is_absolute ? 2 * kHour : kHour), 60);
    move_clock(3 * kHour);
    const timespec soon{is_absolute ? 5 : 0, 0};
    EXPECT_EQ(sigtimedwait(&wanted, nullptr, &soon),
              is_absolute ? SIGUSR1 : -1);
    move_clock(-2 * kHour);
    EXPECT_EQ(timer_delete(timer), 0);
  }
}

TEST(SetClock, SleepsUntilATimeOfIt) {
  for (const bool is_absolute : {false, true}) {
    const pid_t child = fork();
    if (child == 0) {
      timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      if (!is_absolute) until = {};
      until.tv_sec += kHour;
      _exit(clock_nanosleep(CLOCK_REALTIME, is_absolute ? TIMER_ABSTIME : 0,
                            &until, nullptr));
    }
    // It sleeps by then.
    timespec little{0, 100'000'000};
    nanosleep(&little, nullptr);
    move_clock(2 * kHour);
    if (!is_absolute) {
      nanosleep(&little, nullptr);
      EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
      kill(child, SIGKILL);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, is_absolute ? 0 : SIGKILL);
    move_clock(-2 * kHour);
  }
}

// What a program that keeps the clock right says of it.
TEST(SetClock, Adjustments) {
  timex wanted{};
  wanted.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_STATUS | ADJ_MAXERROR |
                 ADJ_ESTERROR | ADJ_TIMECONST;
  wanted.freq = 12 << 16;
  wanted.tick = 10'100;
  wanted.status = STA_PLL;
  wanted.maxerror = 77;
  wanted.esterror = 66;
  wanted.constant = 3;
  EXPECT_EQ(adjtimex(&wanted), TIME_OK);
  timex now{};
  EXPECT_EQ(adjtimex(&now), TIME_OK);
  EXPECT_EQ(now.freq, 12 << 16);
  EXPECT_EQ(now.tick, 10'100);
  EXPECT_EQ(now.status & STA_PLL, STA_PLL);
  EXPECT_EQ(now.esterror, 66);
  EXPECT_EQ(now.constant, 7);
  now.modes = ADJ_NANO | ADJ_STATUS | ADJ_FREQUENCY;
  now.status = 0;
  now.freq = 600 << 16;
  EXPECT_EQ(adjtimex(&now), TIME_OK);
  EXPECT_EQ(now.freq, 500 << 16);
  EXPECT_EQ(now.status, STA_NANO);
  now.modes = ADJ_STATUS;
  now.status = STA_UNSYNC;
  EXPECT_EQ(adjtimex(&now), TIME_ERROR);
  for (const long tick : {8'999L, 11'001L}) {
    wanted.modes = ADJ_TICK;
    wanted.tick = tick;
    EXPECT_ERRNO(EINVAL, adjtimex(&wanted));
  }
  wanted.modes = ADJ_OFFSET_SINGLESHOT;
  wanted.offset = 5;
  EXPECT_GE(adjtimex(&wanted), 0);
  wanted.modes = ADJ_OFFSET_SS_READ;
  EXPECT_GE(adjtimex(&wanted), 0);
  EXPECT_EQ(wanted.offset, 5);
  // A step.
  const time_t before = time(nullptr);
  timex step{};
  step.modes = ADJ_SETOFFSET | ADJ_MICRO;
  step.time.tv_sec = kHour;
  step.time.tv_usec = 1'000'000;
  EXPECT_ERRNO(EINVAL, adjtimex(&step));
  step.time.tv_usec = 5;
  EXPECT_GE(clock_adjtime(CLOCK_REALTIME, &step), 0);
  EXPECT_NEAR(static_cast<double>(time(nullptr) - before),
              static_cast<double>(kHour), 60);
  step.modes = ADJ_SETOFFSET;
  step.time.tv_sec = -kHour;
  EXPECT_GE(adjtimex(&step), 0);
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
