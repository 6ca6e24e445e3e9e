// timerfd: once and periodic, both clocks, in poll and epoll, across fork.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr long kMs = 1'000'000;

int64_t now_ms(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / kMs;
}

struct timespec milliseconds(int64_t ms) {
  return {ms / 1000, ms % 1000 * kMs};
}

int set(int fd, int64_t value_ms, int64_t interval_ms = 0, int flags = 0) {
  const struct itimerspec time = {milliseconds(interval_ms),
                                  milliseconds(value_ms)};
  return timerfd_settime(fd, flags, &time, nullptr);
}

// -errno if there was nothing to read.
int64_t expirations(int fd) {
  uint64_t count = 0;
  return read(fd, &count, sizeof(count)) == sizeof(count)
             ? static_cast<int64_t>(count)
             : -errno;
}

TEST(TimerFd, Once) {
  for (const clockid_t clock :
       {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME}) {
    const int fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(expirations(fd), -EAGAIN);
    ASSERT_EQ(set(fd, 40), 0);
    EXPECT_EQ(expirations(fd), -EAGAIN);
    struct pollfd poll_fd = {fd, POLLIN, 0};
    const int64_t start = now_ms(CLOCK_MONOTONIC);
    EXPECT_EQ(poll(&poll_fd, 1, 20'000), 1);
    EXPECT_GE(now_ms(CLOCK_MONOTONIC) - start, 35);
    EXPECT_EQ(poll_fd.revents, POLLIN);
    EXPECT_EQ(expirations(fd), 1);
    EXPECT_EQ(expirations(fd), -EAGAIN);
    close(fd);
  }
}

TEST(TimerFd, ReadsWait) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  const int64_t start = now_ms(CLOCK_MONOTONIC);
  ASSERT_EQ(set(fd, 30), 0);
  EXPECT_EQ(expirations(fd), 1);
  EXPECT_GE(now_ms(CLOCK_MONOTONIC) - start, 29);
  close(fd);
}

TEST(TimerFd, Periodic) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  const int64_t start = now_ms(CLOCK_MONOTONIC);
  ASSERT_EQ(set(fd, 20, 20), 0);
  int64_t count = 0;
  while (count < 5) {
    const int64_t got = expirations(fd);
    ASSERT_GT(got, 0);
    count += got;
  }
  EXPECT_GE(now_ms(CLOCK_MONOTONIC) - start, 99);
  // Those that were not read add up.
  usleep(90'000);
  EXPECT_GE(expirations(fd), 4);
  struct itimerspec left;
  ASSERT_EQ(timerfd_gettime(fd, &left), 0);
  EXPECT_EQ(left.it_interval.tv_nsec, 20 * kMs);
  EXPECT_LE(left.it_value.tv_nsec, 20 * kMs);
  EXPECT_GT(left.it_value.tv_nsec, 0);
  close(fd);
}

TEST(TimerFd, SetAndGet) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec left;
  ASSERT_EQ(timerfd_gettime(fd, &left), 0);
  EXPECT_EQ(left.it_value.tv_sec, 0);
  EXPECT_EQ(left.it_value.tv_nsec, 0);
  const struct itimerspec time = {{7, 8}, {100, 0}};
  ASSERT_EQ(timerfd_settime(fd, 0, &time, &left), 0);
  EXPECT_EQ(left.it_value.tv_sec, 0);
  const struct itimerspec none = {{0, 0}, {0, 0}};
  ASSERT_EQ(timerfd_settime(fd, 0, &none, &left), 0);
  EXPECT_EQ(left.it_interval.tv_sec, 7);
  EXPECT_EQ(left.it_interval.tv_nsec, 8);
  EXPECT_GE(left.it_value.tv_sec, 98);
  ASSERT_EQ(timerfd_gettime(fd, &left), 0);
  EXPECT_EQ(left.it_value.tv_sec, 0);
  // What had run out is forgotten when it is set again.
  ASSERT_EQ(set(fd, 1), 0);
  usleep(5'000);
  ASSERT_EQ(set(fd, 10'000), 0);
  EXPECT_EQ(expirations(fd), -EAGAIN);
  close(fd);
}

TEST(TimerFd, AbsoluteTimes) {
  for (const clockid_t clock : {CLOCK_MONOTONIC, CLOCK_REALTIME}) {
    const int fd = timerfd_create(clock, 0);
    const int64_t start = now_ms(CLOCK_MONOTONIC);
    ASSERT_EQ(set(fd, now_ms(clock) + 40, 0, TFD_TIMER_ABSTIME), 0);
    EXPECT_EQ(expirations(fd), 1);
    EXPECT_GE(now_ms(CLOCK_MONOTONIC) - start, 38);
    // What has been is over.
    ASSERT_EQ(set(fd, 1, 0, TFD_TIMER_ABSTIME), 0);
    EXPECT_EQ(expirations(fd), 1);
    close(fd);
  }
}

TEST(TimerFd, SharedByFork) {
  const int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  EXPECT_EQ(run_child([&] { return set(fd, 30); }), 0);
  EXPECT_EQ(expirations(fd), 1);
  ASSERT_EQ(set(fd, 30), 0);
  EXPECT_EQ(run_child([&] { return expirations(fd) == 1 ? 0 : 1; }), 0);
  struct pollfd poll_fd = {fd, POLLIN, 0};
  EXPECT_EQ(poll(&poll_fd, 1, 0), 0);
  close(fd);
}

TEST(TimerFd, InASet) {
  const int set_fd = epoll_create1(0);
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  ASSERT_EQ(epoll_ctl(set_fd, EPOLL_CTL_ADD, fd, &event), 0);
  ASSERT_EQ(set(fd, 20, 20), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(epoll_wait(set_fd, &event, 1, 20'000), 1);
    EXPECT_GE(expirations(fd), 1);
  }
  close(fd);
  close(set_fd);
}

TEST(TimerFd, Errors) {
  EXPECT_ERRNO(EINVAL, timerfd_create(77, 0));
  EXPECT_ERRNO(EINVAL, timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  EXPECT_ERRNO(EINVAL, timerfd_create(CLOCK_MONOTONIC, 0x7f));
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec time = {{0, 0}, {1, 0}};
  EXPECT_ERRNO(EBADF, timerfd_settime(-1, 0, &time, nullptr));
  EXPECT_ERRNO(EBADF, timerfd_gettime(-1, &time));
  EXPECT_ERRNO(EINVAL, timerfd_settime(0, 0, &time, nullptr));
  EXPECT_ERRNO(EINVAL, timerfd_gettime(0, &time));
  EXPECT_ERRNO(EINVAL, timerfd_settime(fd, 77, &time, nullptr));
  time.it_value.tv_nsec = 1'000'000'000;
  EXPECT_ERRNO(EINVAL, timerfd_settime(fd, 0, &time, nullptr));
  time.it_value = {-1, 0};
  EXPECT_ERRNO(EINVAL, timerfd_settime(fd, 0, &time, nullptr));
  auto* const nowhere = reinterpret_cast<struct itimerspec*>(8);
  EXPECT_ERRNO(EFAULT, timerfd_settime(fd, 0, nowhere, nullptr));
  EXPECT_ERRNO(EFAULT, timerfd_gettime(fd, nowhere));
  char byte;
  EXPECT_ERRNO(EINVAL, read(fd, &byte, 1));
  EXPECT_ERRNO(EINVAL, write(fd, &byte, 1));
  EXPECT_EQ(lseek(fd, 5, SEEK_SET), 0);
  close(fd);
}

}  // namespace
}  // namespace tine::guest
