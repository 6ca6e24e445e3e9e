// eventfd.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr uint64_t kMost = UINT64_MAX - 1;

short events(int fd) {
  struct pollfd poll_fd = {fd, POLLIN | POLLOUT, 0};
  EXPECT_GE(poll(&poll_fd, 1, 0), 0);
  return poll_fd.revents;
}

TEST(EventFd, Counts) {
  const int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(eventfd_write(fd, 4), 0);
  eventfd_t value = 0;
  EXPECT_EQ(eventfd_read(fd, &value), 0);
  EXPECT_EQ(value, 7u);
  EXPECT_EQ(events(fd), POLLOUT);
  EXPECT_EQ(eventfd_read(fd, &value), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(eventfd_write(fd, kMost), 0);
  EXPECT_EQ(events(fd), POLLIN);
  EXPECT_EQ(eventfd_write(fd, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(eventfd_write(fd, 0), 0);
  EXPECT_EQ(eventfd_write(fd, UINT64_MAX), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(eventfd_read(fd, &value), 0);
  EXPECT_EQ(value, kMost);
  close(fd);
}

TEST(EventFd, Semaphore) {
  const int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  eventfd_t value = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(eventfd_read(fd, &value), 0);
    EXPECT_EQ(value, 1u);
  }
  EXPECT_EQ(eventfd_read(fd, &value), -1);
  EXPECT_EQ(errno, EAGAIN);
  close(fd);
}

TEST(EventFd, Errors) {
  EXPECT_EQ(eventfd(0, 0x40000000), -1);
  EXPECT_EQ(errno, EINVAL);
  const int fd = eventfd(1, 0);
  uint64_t value = 0;
  EXPECT_EQ(read(fd, &value, 7), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(write(fd, &value, 7), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(read(fd, &value, 8), 8);
  EXPECT_EQ(pread(fd, &value, 8, 0), -1);
  EXPECT_EQ(errno, ESPIPE);
  close(fd);
}

TEST(EventFd, ProcessesWait) {
  const int fd = eventfd(0, 0);
  const pid_t child = start_child([&] {
    uint64_t value = 0;
    CHILD_CHECK(read(fd, &value, 8) == 8);
    return static_cast<int>(value);
  });
  struct timespec time{0, 20'000'000};
  nanosleep(&time, nullptr);
  EXPECT_EQ(eventfd_write(fd, 42), 0);
  EXPECT_EQ(wait_for(child), 42);
  ASSERT_EQ(eventfd_write(fd, kMost), 0);
  const pid_t writer =
      start_child([&] { return eventfd_write(fd, 5) == 0 ? 0 : 1; });
  nanosleep(&time, nullptr);
  eventfd_t value = 0;
  EXPECT_EQ(eventfd_read(fd, &value), 0);
  EXPECT_EQ(value, kMost);
  EXPECT_EQ(wait_for(writer), 0);
  EXPECT_EQ(eventfd_read(fd, &value), 0);
  EXPECT_EQ(value, 5u);
  close(fd);
}

}  // namespace
}  // namespace tine::guest
