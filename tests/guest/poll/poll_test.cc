// poll and ppoll on descriptors.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

long elapsed_ms(const struct timespec& since) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - since.tv_sec) * 1000 +
         (now.tv_nsec - since.tv_nsec) / 1'000'000;
}

struct timespec now() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time;
}

class Poll : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(a_), 0);
    ASSERT_EQ(pipe(b_), 0);
  }
  void TearDown() override {
    for (const int fd : {a_[0], a_[1], b_[0], b_[1]}) close(fd);
  }
  int a_[2];
  int b_[2];
};

TEST_F(Poll, TellsWhatIsReady) {
  struct pollfd fds[] = {{a_[0], POLLIN, 7}, {a_[1], POLLOUT, 7},
                         {b_[0], POLLIN, 7}, {-1, POLLIN, 7},
                         {b_[1], POLLIN, 7}, {b_[1], 0, 7}};
  EXPECT_EQ(poll(fds, 6, 0), 1);
  EXPECT_EQ(fds[0].revents, 0);
  EXPECT_EQ(fds[1].revents, POLLOUT);
  EXPECT_EQ(fds[3].revents, 0);
  EXPECT_EQ(fds[4].revents, 0);
  ASSERT_EQ(write(a_[1], "x", 1), 1);
  EXPECT_EQ(poll(fds, 6, -1), 2);
  EXPECT_EQ(fds[0].revents, POLLIN);
  EXPECT_EQ(fds[0].fd, a_[0]);
  EXPECT_EQ(fds[0].events, POLLIN);
}

TEST_F(Poll, DescriptorsThatAreNone) {
  struct pollfd fds[] = {{1000, POLLIN, 0}, {a_[0], POLLIN, 0}};
  EXPECT_EQ(poll(fds, 2, -1), 1);
  EXPECT_EQ(fds[0].revents, POLLNVAL);
}

TEST_F(Poll, TimesOut) {
  struct pollfd fd = {a_[0], POLLIN, 9};
  const struct timespec before = now();
  EXPECT_EQ(poll(&fd, 1, 30), 0);
  EXPECT_GE(elapsed_ms(before), 29);
  EXPECT_EQ(fd.revents, 0);
}

TEST_F(Poll, AwakesAtAnEvent) {
  const pid_t child = start_child([&] {
    sleep_ms(20);
    return write(b_[1], "x", 1) == 1 ? 0 : 1;
  });
  struct pollfd fds[] = {{a_[0], POLLIN, 0}, {b_[0], POLLIN, 0}};
  const struct timespec before = now();
  EXPECT_EQ(poll(fds, 2, 20'000), 1);
  EXPECT_LT(elapsed_ms(before), 10'000);
  EXPECT_EQ(fds[0].revents, 0);
  EXPECT_EQ(fds[1].revents, POLLIN);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Poll, AwakesAtTheEndOfTheWriter) {
  const pid_t child = start_child([&] {
    close(b_[1]);
    sleep_ms(20);
    return 0;
  });
  close(a_[1]);
  struct pollfd fd = {a_[0], 0, 0};
  EXPECT_EQ(poll(&fd, 1, -1), 1);
  EXPECT_EQ(fd.revents, POLLHUP);
  EXPECT_EQ(wait_for(child), 0);
  a_[1] = dup(b_[1]);
}

TEST_F(Poll, AwakesWhenThereIsRoom) {
  std::vector<char> page(4096);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(write(a_[1], page.data(), 4096), 4096);
  struct pollfd fd = {a_[1], POLLOUT, 0};
  EXPECT_EQ(poll(&fd, 1, 0), 0);
  const pid_t child = start_child([&] {
    sleep_ms(20);
    return read(a_[0], page.data(), 4096) == 4096 ? 0 : 1;
  });
  EXPECT_EQ(poll(&fd, 1, -1), 1);
  EXPECT_EQ(fd.revents, POLLOUT);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Poll, OrdinaryFilesAreReady) {
  const int null = open("/dev/null", O_RDWR);
  struct pollfd fds[] = {{null, POLLIN | POLLOUT, 0}};
  EXPECT_EQ(poll(fds, 1, -1), 1);
  EXPECT_EQ(fds[0].revents, POLLIN | POLLOUT);
  close(null);
}

TEST_F(Poll, PpollCountsDown) {
  struct pollfd fd = {a_[0], POLLIN, 0};
  struct timespec time{0, 20'000'000};
  EXPECT_EQ(ppoll(&fd, 1, &time, nullptr), 0);
  ASSERT_EQ(write(a_[1], "x", 1), 1);
  EXPECT_EQ(ppoll(&fd, 1, nullptr, nullptr), 1);
  EXPECT_EQ(fd.revents, POLLIN);
  time = {0, 1'000'000'000};
  EXPECT_EQ(ppoll(&fd, 1, &time, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(Poll, MoreThanMayBeOpen) {
  EXPECT_EQ(run_child([&] {
              struct rlimit limit{10, 10};
              CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
              std::vector<struct pollfd> fds(11, {-1, POLLIN, 0});
              CHILD_CHECK(poll(fds.data(), 10, 0) == 0);
              CHILD_CHECK(poll(fds.data(), 11, 0) == -1 && errno == EINVAL);
              return 0;
            }),
            0);
}

TEST_F(Poll, Many) {
  std::vector<struct pollfd> fds;
  std::vector<int> writers;
  for (int i = 0; i < 200; ++i) {
    int fd[2];
    ASSERT_EQ(pipe(fd), 0);
    fds.push_back({fd[0], POLLIN, 0});
    writers.push_back(fd[1]);
  }
  const pid_t child = start_child([&] {
    sleep_ms(10);
    return write(writers[150], "x", 1) == 1 ? 0 : 1;
  });
  EXPECT_EQ(poll(fds.data(), fds.size(), -1), 1);
  EXPECT_EQ(fds[150].revents, POLLIN);
  EXPECT_EQ(wait_for(child), 0);
  for (const auto& fd : fds) close(fd.fd);
  for (const int fd : writers) close(fd);
}

TEST_F(Poll, BadAddress) {
  auto* const nowhere = reinterpret_cast<struct pollfd*>(16);
  EXPECT_EQ(poll(nowhere, 1, 0), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Poll, AKilledOneLeavesNothing) {
  const pid_t child = start_child([&] {
    struct pollfd fds[] = {{a_[0], POLLIN, 0}, {b_[0], POLLIN, 0}};
    return poll(fds, 2, -1);
  });
  sleep_ms(20);
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(write(a_[1], "x", 1), 1);
  struct pollfd fd = {a_[0], POLLIN, 0};
  EXPECT_EQ(poll(&fd, 1, -1), 1);
}

}  // namespace
}  // namespace tine::guest
