// FIFOs: pipes with a name.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

class Fifo : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0); }
  int open_it(int flags) { return open(path_.c_str(), flags); }
  static short events(int fd) {
    struct pollfd poll_fd = {fd, POLLIN | POLLOUT, 0};
    EXPECT_GE(poll(&poll_fd, 1, 0), 0);
    return poll_fd.revents;
  }
  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "fifo";
};

TEST_F(Fifo, OpenWaitsForTheOtherEnd) {
  const pid_t child = start_child([&] {
    sleep_ms(20);
    const int fd = open_it(O_WRONLY);
    CHILD_CHECK(fd >= 0);
    return write(fd, "through", 7) == 7 ? 0 : 1;
  });
  const int fd = open_it(O_RDONLY);
  ASSERT_GE(fd, 0);
  char text[10];
  EXPECT_EQ(read(fd, text, sizeof(text)), 7);
  EXPECT_EQ(read(fd, text, sizeof(text)), 0);
  EXPECT_EQ(wait_for(child), 0);
  close(fd);
}

TEST_F(Fifo, AWriterWaitsForAReader) {
  const pid_t child = start_child([&] {
    sleep_ms(20);
    const int fd = open_it(O_RDONLY);
    char text[10];
    return read(fd, text, sizeof(text)) == 2 ? 0 : 1;
  });
  const int fd = open_it(O_WRONLY);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(write(fd, "hi", 2), 2);
  EXPECT_EQ(wait_for(child), 0);
  close(fd);
}

// A partner that came and went counts.
TEST_F(Fifo, AShortVisitIsEnough) {
  const pid_t child = start_child([&] {
    const int fd = open_it(O_RDONLY);
    char byte;
    return fd >= 0 && read(fd, &byte, 1) == 0 ? 0 : 1;
  });
  sleep_ms(20);
  const int fd = open_it(O_WRONLY | O_NONBLOCK);
  ASSERT_GE(fd, 0);
  close(fd);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Fifo, WithoutWaiting) {
  EXPECT_EQ(open_it(O_WRONLY | O_NONBLOCK), -1);
  EXPECT_EQ(errno, ENXIO);
  const int reader = open_it(O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  char byte;
  EXPECT_EQ(read(reader, &byte, 1), 0);
  EXPECT_EQ(events(reader), 0);
  const int writer = open_it(O_WRONLY | O_NONBLOCK);
  ASSERT_GE(writer, 0);
  EXPECT_EQ(read(reader, &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(write(writer, "x", 1), 1);
  EXPECT_EQ(events(reader), POLLIN);
  close(writer);
  EXPECT_EQ(events(reader), POLLIN | POLLHUP);
  close(reader);
  // What nobody read is gone with the last end.
  const int both = open_it(O_RDWR | O_NONBLOCK);
  ASSERT_GE(both, 0);
  EXPECT_EQ(read(both, &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(write(both, "y", 1), 1);
  EXPECT_EQ(read(both, &byte, 1), 1);
  close(both);
}

TEST_F(Fifo, IsAFifoToStat) {
  struct stat by_name;
  struct stat by_descriptor;
  ASSERT_EQ(stat(path_.c_str(), &by_name), 0);
  EXPECT_TRUE(S_ISFIFO(by_name.st_mode));
  const int fd = open_it(O_RDWR);
  ASSERT_EQ(fstat(fd, &by_descriptor), 0);
  EXPECT_EQ(by_name.st_ino, by_descriptor.st_ino);
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), -1);
  EXPECT_EQ(errno, ESPIPE);
  // Without a name it works all the same.
  EXPECT_EQ(unlink(path_.c_str()), 0);
  EXPECT_EQ(write(fd, "z", 1), 1);
  close(fd);
  EXPECT_EQ(open_it(O_RDWR), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(Fifo, AKilledOpenLeavesNothing) {
  const pid_t child = start_child([&] { return open_it(O_RDONLY); });
  sleep_ms(20);
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(open_it(O_WRONLY | O_NONBLOCK), -1);
  EXPECT_EQ(errno, ENXIO);
}

}  // namespace
}  // namespace tine::guest
