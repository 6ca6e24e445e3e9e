// select and pselect on descriptors.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

class Select : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(a_), 0);
    ASSERT_EQ(pipe(b_), 0);
    FD_ZERO(&reads_);
    FD_ZERO(&writes_);
  }
  void TearDown() override {
    for (const int fd : {a_[0], a_[1], b_[0], b_[1]}) close(fd);
  }
  int a_[2];
  int b_[2];
  fd_set reads_;
  fd_set writes_;
};

TEST_F(Select, TellsWhatIsReady) {
  ASSERT_EQ(write(a_[1], "x", 1), 1);
  FD_SET(a_[0], &reads_);
  FD_SET(b_[0], &reads_);
  FD_SET(a_[1], &writes_);
  struct timeval none{0, 0};
  EXPECT_EQ(select(b_[1] + 1, &reads_, &writes_, nullptr, &none), 2);
  EXPECT_TRUE(FD_ISSET(a_[0], &reads_));
  EXPECT_FALSE(FD_ISSET(b_[0], &reads_));
  EXPECT_TRUE(FD_ISSET(a_[1], &writes_));
  // What is not below the count does not count.
  FD_SET(a_[0], &reads_);
  EXPECT_EQ(select(a_[0], &reads_, nullptr, nullptr, &none), 0);
}

TEST_F(Select, TimesOutWithNothingLeft) {
  FD_SET(a_[0], &reads_);
  struct timeval time{0, 20'000};
  EXPECT_EQ(select(a_[0] + 1, &reads_, nullptr, nullptr, &time), 0);
  EXPECT_FALSE(FD_ISSET(a_[0], &reads_));
  EXPECT_EQ(time.tv_sec, 0);
  EXPECT_EQ(time.tv_usec, 0);
}

TEST_F(Select, TellsTheTimeThatIsLeft) {
  const pid_t child = start_child([&] {
    struct timespec time{0, 20'000'000};
    nanosleep(&time, nullptr);
    return write(b_[1], "x", 1) == 1 ? 0 : 1;
  });
  FD_SET(a_[0], &reads_);
  FD_SET(b_[0], &reads_);
  struct timeval time{100, 0};
  EXPECT_EQ(select(b_[0] + 1, &reads_, nullptr, nullptr, &time), 1);
  EXPECT_FALSE(FD_ISSET(a_[0], &reads_));
  EXPECT_TRUE(FD_ISSET(b_[0], &reads_));
  EXPECT_LT(time.tv_sec, 100);
  EXPECT_GT(time.tv_sec, 50);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Select, PselectKeepsItsTime) {
  FD_SET(a_[0], &reads_);
  const struct timespec time{0, 10'000'000};
  EXPECT_EQ(pselect(a_[0] + 1, &reads_, nullptr, nullptr, &time, nullptr), 0);
  ASSERT_EQ(write(a_[1], "x", 1), 1);
  FD_SET(a_[0], &reads_);
  EXPECT_EQ(pselect(a_[0] + 1, &reads_, nullptr, nullptr, nullptr, nullptr), 1);
}

TEST_F(Select, EndsAndErrors) {
  close(a_[1]);
  FD_SET(a_[0], &reads_);
  EXPECT_EQ(select(a_[0] + 1, &reads_, nullptr, nullptr, nullptr), 1);
  EXPECT_TRUE(FD_ISSET(a_[0], &reads_));
  FD_SET(a_[1], &reads_);
  EXPECT_EQ(select(b_[1] + 1, &reads_, nullptr, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(select(-1, nullptr, nullptr, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  struct timeval bad{-1, 0};
  EXPECT_EQ(select(0, nullptr, nullptr, nullptr, &bad), -1);
  EXPECT_EQ(errno, EINVAL);
  auto* const nowhere = reinterpret_cast<fd_set*>(16);
  EXPECT_EQ(select(3, nowhere, nullptr, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
  a_[1] = dup(b_[1]);
}

}  // namespace
}  // namespace tine::guest
