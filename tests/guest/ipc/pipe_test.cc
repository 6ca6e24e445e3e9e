// Pipes: capacity, merging and atomicity as Linux has them, ends that close,
// flags, sizes. One process only: what waits is in pipe_wait_test.cc.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kCapacity = 16 * kPage;

class Pipe : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(pipe2(fds_, O_NONBLOCK | O_CLOEXEC), 0);
  }
  void TearDown() override {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (fds_[end] >= 0) close(fds_[end]);
    fds_[end] = -1;
  }
  ssize_t put(const std::string& text) {
    return write(fds_[1], text.data(), text.size());
  }
  std::string get(size_t most) {
    std::string text(most, '?');
    const ssize_t got = read(fds_[0], text.data(), most);
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return text;
  }
  int readable() {
    int bytes = -1;
    EXPECT_EQ(ioctl(fds_[0], FIONREAD, &bytes), 0);
    return bytes;
  }
  short events(int end) {
    struct pollfd fd = {fds_[end], POLLIN | POLLOUT, 0};
    EXPECT_GE(poll(&fd, 1, 0), 0);
    return fd.revents;
  }
  int fds_[2] = {-1, -1};
};

std::string letters(size_t count, char first = 'a') {
  std::string text(count, ' ');
  for (size_t i = 0; i < count; ++i) {
    text[i] = static_cast<char>(first + static_cast<char>(i % 23));
  }
  return text;
}

TEST_F(Pipe, CarriesBytesInOrder) {
  EXPECT_EQ(put("hello, "), 7);
  EXPECT_EQ(put("world"), 5);
  EXPECT_EQ(readable(), 12);
  EXPECT_EQ(get(3), "hel");
  EXPECT_EQ(get(100), "lo, world");
  EXPECT_EQ(read(fds_[0], nullptr, 0), 0);
  char byte;
  EXPECT_EQ(read(fds_[0], &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(Pipe, HoldsSixteenPages) {
  const std::string much = letters(kCapacity + 5000);
  EXPECT_EQ(put(much), static_cast<ssize_t>(kCapacity));
  EXPECT_EQ(put("x"), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(events(1), 0);
  // A page has to be empty before there is room.
  EXPECT_EQ(get(kPage - 1), much.substr(0, kPage - 1));
  EXPECT_EQ(put("x"), -1);
  EXPECT_EQ(get(1), much.substr(kPage - 1, 1));
  EXPECT_EQ(events(1), POLLOUT);
  EXPECT_EQ(put(letters(2 * kPage)), static_cast<ssize_t>(kPage));
  EXPECT_EQ(get(kCapacity),
            much.substr(kPage, kCapacity - kPage) + letters(kPage));
  EXPECT_EQ(events(0), 0);
}

// Whatever is not more than PIPE_BUF is written as a whole or not at all.
TEST_F(Pipe, SmallWritesAreWhole) {
  ASSERT_EQ(put(letters(kCapacity - 100)),
            static_cast<ssize_t>(kCapacity - 100));
  EXPECT_EQ(put(letters(101)), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(put(letters(PIPE_BUF)), -1);
  EXPECT_EQ(put(letters(100)), 100);
  EXPECT_EQ(put("x"), -1);
  // More than PIPE_BUF may be cut.
  EXPECT_EQ(get(kPage).size(), kPage);
  EXPECT_EQ(put(letters(PIPE_BUF + 1)), static_cast<ssize_t>(kPage));
}

// Small writes share pages, those that do not fit begin one.
TEST_F(Pipe, SmallWritesShareAPage) {
  size_t total = 0;
  for (;;) {
    const ssize_t done = put(letters(1000));
    if (done < 0) break;
    EXPECT_EQ(done, 1000);
    total += 1000;
  }
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(total, 16u * 4 * 1000);
  EXPECT_EQ(put(letters(96)), 96);
  EXPECT_EQ(put("x"), -1);
  EXPECT_EQ(readable(), 16 * 4000 + 96);
}

TEST_F(Pipe, EndOfFileAndHangUp) {
  put("rest");
  close_end(1);
  EXPECT_EQ(events(0), POLLIN | POLLHUP);
  EXPECT_EQ(get(100), "rest");
  EXPECT_EQ(events(0), POLLHUP);
  char byte;
  EXPECT_EQ(read(fds_[0], &byte, 1), 0);
  EXPECT_EQ(read(fds_[0], &byte, 1), 0);
}

TEST_F(Pipe, WithoutReaders) {
  close_end(0);
  EXPECT_EQ(events(1), POLLOUT | POLLERR);
  EXPECT_EQ(put("x"), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(put(""), 0);
}

TEST_F(Pipe, SigpipeEndsTheWriter) {
  EXPECT_EQ(run_child([&] {
              signal(SIGPIPE, SIG_DFL);
              close(fds_[0]);
              close_end(0);
              int own[2];
              CHILD_CHECK(pipe(own) == 0);
              close(own[0]);
              const ssize_t done = write(own[1], "x", 1);
              return done == -1 ? 1 : 2;
            }),
            -SIGPIPE);
}

TEST_F(Pipe, EndsGoOneWay) {
  char byte = 0;
  EXPECT_EQ(read(fds_[1], &byte, 1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(write(fds_[0], &byte, 1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(lseek(fds_[0], 0, SEEK_CUR), -1);
  EXPECT_EQ(errno, ESPIPE);
  EXPECT_EQ(pread(fds_[0], &byte, 1, 0), -1);
  EXPECT_EQ(errno, ESPIPE);
  EXPECT_EQ(pwrite(fds_[1], &byte, 1, 0), -1);
  EXPECT_EQ(errno, ESPIPE);
  EXPECT_EQ(ftruncate(fds_[1], 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(fsync(fds_[1]), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE, fds_[0], 0),
            MAP_FAILED);
  EXPECT_EQ(errno, ENODEV);
}

TEST_F(Pipe, IsAFifoToStat) {
  struct stat a;
  struct stat b;
  ASSERT_EQ(fstat(fds_[0], &a), 0);
  ASSERT_EQ(fstat(fds_[1], &b), 0);
  EXPECT_EQ(a.st_mode, static_cast<mode_t>(S_IFIFO | 0600));
  EXPECT_EQ(a.st_ino, b.st_ino);
  EXPECT_EQ(a.st_dev, b.st_dev);
  EXPECT_EQ(a.st_nlink, 1u);
  EXPECT_EQ(a.st_size, 0);
  EXPECT_EQ(a.st_uid, geteuid());
  int other[2];
  ASSERT_EQ(pipe(other), 0);
  ASSERT_EQ(fstat(other[0], &b), 0);
  EXPECT_NE(a.st_ino, b.st_ino);
  close(other[0]);
  close(other[1]);
}

TEST_F(Pipe, Flags) {
  EXPECT_EQ(fcntl(fds_[0], F_GETFL), O_NONBLOCK | O_RDONLY);
  EXPECT_EQ(fcntl(fds_[1], F_GETFL), O_NONBLOCK | O_WRONLY);
  EXPECT_EQ(fcntl(fds_[0], F_GETFD), FD_CLOEXEC);
  int plain[2];
  ASSERT_EQ(pipe(plain), 0);
  EXPECT_EQ(fcntl(plain[0], F_GETFL), O_RDONLY);
  EXPECT_EQ(fcntl(plain[1], F_GETFD), 0);
  int on = 1;
  EXPECT_EQ(ioctl(plain[0], FIONBIO, &on), 0);
  EXPECT_EQ(fcntl(plain[0], F_GETFL), O_NONBLOCK | O_RDONLY);
  char byte;
  EXPECT_EQ(read(plain[0], &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  close(plain[0]);
  close(plain[1]);
  EXPECT_EQ(pipe2(plain, 0x10000000), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(Pipe, SizeCanBeChanged) {
  EXPECT_EQ(fcntl(fds_[0], F_GETPIPE_SZ), static_cast<int>(kCapacity));
  EXPECT_EQ(fcntl(fds_[1], F_SETPIPE_SZ, 2 * kPage + 1),
            static_cast<int>(4 * kPage));
  EXPECT_EQ(put(letters(kCapacity)), static_cast<ssize_t>(4 * kPage));
  EXPECT_EQ(fcntl(fds_[1], F_SETPIPE_SZ, kPage), -1);
  EXPECT_EQ(errno, EBUSY);
  EXPECT_EQ(get(2 * kPage), letters(2 * kPage));
  EXPECT_EQ(fcntl(fds_[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
  EXPECT_EQ(put(letters(1 << 20)), static_cast<ssize_t>((1 << 20) - 2 * kPage));
  EXPECT_EQ(get(2 * kPage), letters(4 * kPage).substr(2 * kPage));
  EXPECT_EQ(get(1 << 20), letters((1 << 20) - 2 * kPage));
  EXPECT_EQ(fcntl(fds_[1], F_SETPIPE_SZ, 1), static_cast<int>(kPage));
  EXPECT_EQ(fcntl(0, F_GETPIPE_SZ), fcntl(0, F_GETPIPE_SZ));
  const int null = open("/dev/null", O_RDWR);
  EXPECT_EQ(fcntl(null, F_GETPIPE_SZ), -1);
  EXPECT_EQ(errno, EBADF);
  close(null);
}

TEST_F(Pipe, Vectors) {
  struct iovec out[] = {{const_cast<char*>("one"), 3},
                        {nullptr, 0},
                        {const_cast<char*>("three"), 5}};
  EXPECT_EQ(writev(fds_[1], out, 3), 8);
  char a[2];
  char b[10];
  struct iovec in[] = {{a, sizeof(a)}, {b, sizeof(b)}};
  EXPECT_EQ(readv(fds_[0], in, 2), 8);
  EXPECT_EQ(std::string(a, 2) + std::string(b, 6), "onethree");
  EXPECT_EQ(preadv2(fds_[0], in, 2, -1, RWF_NOWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
}

// What was read stays read, and what could not be delivered stays.
TEST_F(Pipe, BadAddresses) {
  put("abcd");
  char* const nowhere = reinterpret_cast<char*>(16);
  EXPECT_EQ(read(fds_[0], nowhere, 4), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(write(fds_[1], nowhere, 4), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(get(10), "abcd");
  int* const bad = reinterpret_cast<int*>(nowhere);
  EXPECT_EQ(pipe(bad), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Pipe, ManyAtOnce) {
  std::vector<int> all;
  for (int i = 0; i < 100; ++i) {
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    ASSERT_EQ(write(fds[1], &i, sizeof(i)), 4);
    all.push_back(fds[0]);
    all.push_back(fds[1]);
  }
  for (int i = 0; i < 100; ++i) {
    int got = -1;
    ASSERT_EQ(read(all[static_cast<size_t>(2 * i)], &got, sizeof(got)), 4);
    EXPECT_EQ(got, i);
  }
  for (const int fd : all) EXPECT_EQ(close(fd), 0);
}

}  // namespace
}  // namespace tine::guest
