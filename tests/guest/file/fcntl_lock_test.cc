// Record locks of processes and of open files, and flock.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

struct flock range(short type, off_t start, off_t length) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = length;
  return lock;
}

int set(int fd, short type, off_t start, off_t length, int command = F_SETLK) {
  struct flock lock = range(type, start, length);
  return fcntl(fd, command, &lock);
}

struct flock test(int fd, short type, off_t start, off_t length) {
  struct flock lock = range(type, start, length);
  EXPECT_EQ(fcntl(fd, F_GETLK, &lock), 0);
  return lock;
}

// What another process would be told.
struct flock test_elsewhere(int fd, short type, off_t start, off_t length) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    struct flock lock = range(type, start, length);
    CHILD_CHECK(fcntl(fd, F_GETLK, &lock) == 0);
    CHILD_CHECK(write(ends[1], &lock, sizeof(lock)) == sizeof(lock));
    return 0;
  });
  struct flock lock = {};
  EXPECT_EQ(read(ends[0], &lock, sizeof(lock)),
            static_cast<ssize_t>(sizeof(lock)));
  EXPECT_EQ(wait_for(child), 0);
  close(ends[0]);
  close(ends[1]);
  return lock;
}

// /dev/zero does as well as any file.
class Locks : public testing::Test {
 protected:
  void SetUp() override { fd_ = open_again(); }
  void TearDown() override { close(fd_); }
  int open_again(int flags = O_RDWR) {
    const int fd = open("/dev/zero", flags);
    EXPECT_GE(fd, 0);
    return fd;
  }
  int fd_ = -1;
};

TEST_F(Locks, AreOfAProcess) {
  ASSERT_EQ(set(fd_, F_WRLCK, 10, 10), 0);
  // Nothing is in its own way, and what it sets anew replaces the old.
  EXPECT_EQ(test(fd_, F_WRLCK, 0, 0).l_type, F_UNLCK);
  EXPECT_EQ(set(fd_, F_RDLCK, 12, 2), 0);
  struct flock seen = test_elsewhere(fd_, F_WRLCK, 0, 0);
  EXPECT_EQ(seen.l_type, F_WRLCK);
  EXPECT_EQ(seen.l_start, 10);
  EXPECT_EQ(seen.l_len, 2);
  EXPECT_EQ(seen.l_pid, getpid());
  EXPECT_EQ(seen.l_whence, SEEK_SET);
  seen = test_elsewhere(fd_, F_WRLCK, 12, 100);
  EXPECT_EQ(seen.l_type, F_RDLCK);
  EXPECT_EQ(seen.l_len, 2);
  EXPECT_EQ(test_elsewhere(fd_, F_RDLCK, 12, 2).l_type, F_UNLCK);
  EXPECT_EQ(test_elsewhere(fd_, F_RDLCK, 14, 0).l_type, F_WRLCK);
  EXPECT_EQ(test_elsewhere(fd_, F_WRLCK, 20, 0).l_type, F_UNLCK);
}

TEST_F(Locks, JoinAndSplit) {
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 10), 0);
  ASSERT_EQ(set(fd_, F_WRLCK, 20, 0), 0);
  ASSERT_EQ(set(fd_, F_WRLCK, 10, 10), 0);
  struct flock seen = test_elsewhere(fd_, F_RDLCK, 0, 0);
  EXPECT_EQ(seen.l_start, 0);
  EXPECT_EQ(seen.l_len, 0);
  ASSERT_EQ(set(fd_, F_UNLCK, 5, 10), 0);
  seen = test_elsewhere(fd_, F_RDLCK, 0, 0);
  EXPECT_EQ(seen.l_len, 5);
  seen = test_elsewhere(fd_, F_RDLCK, 5, 10);
  EXPECT_EQ(seen.l_type, F_UNLCK);
  seen = test_elsewhere(fd_, F_RDLCK, 5, 0);
  EXPECT_EQ(seen.l_start, 15);
  EXPECT_EQ(seen.l_len, 0);
}

TEST_F(Locks, AreGoneWithAnyDescriptorOfTheFile) {
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 0), 0);
  close(open_again());
  EXPECT_EQ(test_elsewhere(fd_, F_WRLCK, 0, 0).l_type, F_UNLCK);
}

TEST_F(Locks, AreNotInheritedAndGoWithTheProcess) {
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 10), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(set(fd_, F_RDLCK, 5, 1) == -1 && errno == EAGAIN);
              CHILD_CHECK(set(fd_, F_WRLCK, 50, 1) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(test(fd_, F_WRLCK, 50, 1).l_type, F_UNLCK);
}

TEST_F(Locks, AreWaitedFor) {
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 10), 0);
  const pid_t child = start_child([&] {
    CHILD_CHECK(set(fd_, F_WRLCK, 5, 10, F_SETLKW) == 0);
    return 7;
  });
  sleep_ms(20);
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  ASSERT_EQ(set(fd_, F_UNLCK, 0, 6), 0);
  sleep_ms(10);
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  ASSERT_EQ(set(fd_, F_UNLCK, 6, 0), 0);
  EXPECT_EQ(wait_for(child), 7);
}

TEST_F(Locks, DeadlocksAreSeen) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 1), 0);
  const pid_t child = start_child([&] {
    CHILD_CHECK(set(fd_, F_WRLCK, 1, 1) == 0);
    CHILD_CHECK(write(ready[1], "x", 1) == 1);
    CHILD_CHECK(set(fd_, F_WRLCK, 0, 1, F_SETLKW) == 0);
    return 0;
  });
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  sleep_ms(20);
  EXPECT_EQ(set(fd_, F_WRLCK, 1, 1, F_SETLKW), -1);
  EXPECT_EQ(errno, EDEADLK);
  ASSERT_EQ(set(fd_, F_UNLCK, 0, 1), 0);
  EXPECT_EQ(wait_for(child), 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Locks, OfOpenFiles) {
  const int other = open_again();
  ASSERT_EQ(set(fd_, F_WRLCK, 0, 10, F_OFD_SETLK), 0);
  EXPECT_EQ(set(other, F_RDLCK, 0, 1, F_OFD_SETLK), -1);
  EXPECT_EQ(errno, EAGAIN);
  struct flock lock = range(F_RDLCK, 0, 1);
  EXPECT_EQ(fcntl(other, F_OFD_GETLK, &lock), 0);
  EXPECT_EQ(lock.l_type, F_WRLCK);
  EXPECT_EQ(lock.l_pid, -1);
  // Inherited with the open file, and not given up by closing another.
  close(open_again());
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(set(fd_, F_WRLCK, 0, 5, F_OFD_SETLK) == 0);
              CHILD_CHECK(set(other, F_WRLCK, 0, 5, F_OFD_SETLK) == -1);
              return 0;
            }),
            0);
  const int copy = dup(fd_);
  close(fd_);
  EXPECT_EQ(set(other, F_WRLCK, 0, 5, F_OFD_SETLK), -1);
  close(copy);
  EXPECT_EQ(set(other, F_WRLCK, 0, 5, F_OFD_SETLK), 0);
  fd_ = other;
}

TEST_F(Locks, Errors) {
  const int reader = open_again(O_RDONLY);
  EXPECT_EQ(set(reader, F_WRLCK, 0, 0), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(set(reader, F_RDLCK, 0, 0), 0);
  EXPECT_EQ(set(fd_, 7, 0, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(set(fd_, F_RDLCK, -1, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(set(fd_, F_RDLCK, 5, -6), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(set(1000, F_RDLCK, 0, 0), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(fcntl(fd_, F_SETLK, 16), -1);
  EXPECT_EQ(errno, EFAULT);
  struct flock lock = range(F_UNLCK, 0, 0);
  EXPECT_EQ(fcntl(fd_, F_GETLK, &lock), -1);
  EXPECT_EQ(errno, EINVAL);
  close(reader);
}

TEST_F(Locks, Flock) {
  const int other = open_again();
  EXPECT_EQ(flock(fd_, LOCK_SH), 0);
  EXPECT_EQ(flock(other, LOCK_SH | LOCK_NB), 0);
  EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), -1);
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_EQ(flock(fd_, LOCK_UN), 0);
  EXPECT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
  // A world of its own.
  EXPECT_EQ(set(fd_, F_WRLCK, 0, 0), 0);
  EXPECT_EQ(flock(fd_, 77), -1);
  EXPECT_EQ(errno, EINVAL);
  const pid_t child = start_child([&] {
    close(other);
    const int own = open("/dev/zero", O_RDWR);
    return flock(own, LOCK_SH) == 0 ? 3 : 4;
  });
  sleep_ms(20);
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  close(other);
  EXPECT_EQ(wait_for(child), 3);
}

}  // namespace
}  // namespace tine::guest
