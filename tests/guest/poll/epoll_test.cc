// epoll: level and edge triggered, once, ends of files.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <set>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

class Epoll : public testing::Test {
 protected:
  void SetUp() override {
    set_ = epoll_create1(EPOLL_CLOEXEC);
    ASSERT_GE(set_, 0);
    ASSERT_EQ(pipe2(ends_, O_NONBLOCK), 0);
  }
  void TearDown() override {
    for (const int fd : {set_, ends_[0], ends_[1]}) {
      if (fd >= 0) close(fd);
    }
  }
  int control(int operation, int fd, uint32_t events) {
    struct epoll_event event = {};
    event.events = events;
    event.data.fd = fd;
    return epoll_ctl(set_, operation, fd, &event);
  }
  // The events of one descriptor that is ready; 0: none.
  uint32_t wait(int timeout = 0) {
    struct epoll_event event = {};
    const int count = epoll_wait(set_, &event, 1, timeout);
    EXPECT_GE(count, 0);
    last_ = event.data.fd;
    return count == 1 ? event.events : 0;
  }
  int set_ = -1;
  int ends_[2] = {-1, -1};
  int last_ = -1;
};

TEST_F(Epoll, LevelTriggered) {
  EXPECT_EQ(fcntl(set_, F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(write(ends_[1], "ab", 2), 2);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  EXPECT_EQ(last_, ends_[0]);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  char text[2];
  ASSERT_EQ(read(ends_[0], text, 2), 2);
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[1], EPOLLOUT), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLOUT});
  ASSERT_EQ(control(EPOLL_CTL_MOD, ends_[1], 0), 0);
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(control(EPOLL_CTL_DEL, ends_[1], 0), 0);
}

TEST_F(Epoll, EdgeTriggered) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN | EPOLLET), 0);
  ASSERT_EQ(write(ends_[1], "a", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(write(ends_[1], "b", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  EXPECT_EQ(wait(), 0u);
}

TEST_F(Epoll, OnceOnly) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN | EPOLLONESHOT), 0);
  ASSERT_EQ(write(ends_[1], "a", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(control(EPOLL_CTL_MOD, ends_[0], EPOLLIN | EPOLLONESHOT), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
}

TEST_F(Epoll, WaitsForAnotherProcess) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  const pid_t child = start_child([&] {
    struct timespec time{0, 20'000'000};
    nanosleep(&time, nullptr);
    return write(ends_[1], "x", 1) == 1 ? 0 : 1;
  });
  EXPECT_EQ(wait(20'000), uint32_t{EPOLLIN});
  EXPECT_EQ(wait_for(child), 0);
  char byte;
  ASSERT_EQ(read(ends_[0], &byte, 1), 1);
  EXPECT_EQ(wait(20), 0u);
}

TEST_F(Epoll, TellsOfAll) {
  std::set<int> expected;
  int fds[20];
  for (int& fd : fds) {
    fd = eventfd(1, 0);
    ASSERT_EQ(control(EPOLL_CTL_ADD, fd, EPOLLIN), 0);
    expected.insert(fd);
  }
  std::set<int> told;
  struct epoll_event events[8];
  // Those that did not fit come first the next time.
  for (int i = 0; i < 3; ++i) {
    const int count = epoll_wait(set_, events, 8, 0);
    ASSERT_EQ(count, 8);
    for (const auto& event : events) told.insert(event.data.fd);
  }
  EXPECT_EQ(told, expected);
  struct pollfd fd = {set_, POLLIN, 0};
  EXPECT_EQ(poll(&fd, 1, 0), 1);
  for (const int one : fds) close(one);
  EXPECT_EQ(wait(), 0u);
}

TEST_F(Epoll, ClosedFilesLeave) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  const int copy = dup(ends_[0]);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  close(ends_[0]);
  // The open file lives.
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  close(copy);
  EXPECT_EQ(wait(), 0u);
  ends_[0] = -1;
}

TEST_F(Epoll, HangUp) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], 0), 0);
  close(ends_[1]);
  ends_[1] = -1;
  EXPECT_EQ(wait(), uint32_t{EPOLLHUP});
}

// A set is ready when one of its files is.
TEST_F(Epoll, SetsInSets) {
  const int outer = epoll_create1(0);
  struct epoll_event event = {};
  event.events = EPOLLIN;
  ASSERT_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, set_, &event), 0);
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 0);
  const pid_t child = start_child([&] {
    struct timespec time{0, 20'000'000};
    nanosleep(&time, nullptr);
    return write(ends_[1], "x", 1) == 1 ? 0 : 1;
  });
  EXPECT_EQ(epoll_wait(outer, &event, 1, 20'000), 1);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  struct pollfd fd = {outer, POLLIN, 0};
  EXPECT_EQ(poll(&fd, 1, 0), 1);
  // No circles.
  EXPECT_EQ(control(EPOLL_CTL_ADD, outer, EPOLLIN), -1);
  EXPECT_EQ(errno, ELOOP);
  char byte;
  ASSERT_EQ(read(ends_[0], &byte, 1), 1);
  EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 0);
  // By edges: news of the inner set's files is news of the outer one's.
  event.events = EPOLLIN | EPOLLET;
  ASSERT_EQ(epoll_ctl(outer, EPOLL_CTL_MOD, set_, &event), 0);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(write(ends_[1], "x", 1), 1);
    EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 1);
    EXPECT_EQ(epoll_wait(outer, &event, 1, 0), 0);
  }
  close(outer);
}

TEST_F(Epoll, DeepSets) {
  int sets[7];
  for (int& one : sets) one = epoll_create1(0);
  struct epoll_event event = {};
  event.events = EPOLLIN;
  int added = 0;
  while (added < 6 &&
         epoll_ctl(sets[added + 1], EPOLL_CTL_ADD, sets[added], &event) == 0) {
    ++added;
  }
  EXPECT_EQ(added, 4);
  EXPECT_EQ(errno, ELOOP);
  for (const int one : sets) close(one);
}

TEST_F(Epoll, Exclusive) {
  EXPECT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN | EPOLLEXCLUSIVE), 0);
  EXPECT_EQ(control(EPOLL_CTL_MOD, ends_[0], EPOLLIN), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(control(EPOLL_CTL_MOD, ends_[0], EPOLLIN | EPOLLEXCLUSIVE), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(control(EPOLL_CTL_ADD, ends_[1],
                    EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT),
            -1);
  EXPECT_EQ(errno, EINVAL);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  const int outer = epoll_create1(0);
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  EXPECT_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, set_, &event), -1);
  EXPECT_EQ(errno, EINVAL);
  close(outer);
}

// Both sides of a fork have the same set, whoever changes it.
TEST_F(Epoll, ForksShareTheSet) {
  ASSERT_EQ(run_child([&] {
              CHILD_CHECK(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN) == 0);
              return 0;
            }),
            0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(wait() == uint32_t{EPOLLIN});
              CHILD_CHECK(control(EPOLL_CTL_DEL, ends_[0], 0) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(wait(), 0u);
  // Closed here, the file is open in the child, and the set's.
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = start_child([&] {
    char byte;
    return read(go[0], &byte, 1) == 1 ? 0 : 1;
  });
  close(ends_[0]);
  ends_[0] = -1;
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  ASSERT_EQ(write(go[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(wait(), 0u);
  close(go[0]);
  close(go[1]);
}

// One event, many who wait on one set: by edges it is one's.
TEST_F(Epoll, AnEdgeIsForOne) {
  ASSERT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN | EPOLLET), 0);
  pid_t children[4];
  for (pid_t& child : children) {
    child = start_child([&] { return wait(300) != 0 ? 1 : 0; });
  }
  struct timespec time{0, 50'000'000};
  nanosleep(&time, nullptr);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  int woken = 0;
  for (const pid_t child : children) woken += wait_for(child);
  EXPECT_EQ(woken, 1);
}

TEST_F(Epoll, WaitsWithAMask) {
  signal(SIGUSR1, [](int) {});
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ASSERT_EQ(sigprocmask(SIG_BLOCK, &blocked, nullptr), 0);
  raise(SIGUSR1);
  sigset_t open;
  sigemptyset(&open);
  struct epoll_event event;
  EXPECT_EQ(epoll_pwait(set_, &event, 1, 10'000, &open), -1);
  EXPECT_EQ(errno, EINTR);
  sigset_t now;
  sigprocmask(SIG_SETMASK, nullptr, &now);
  EXPECT_TRUE(sigismember(&now, SIGUSR1));
  // Blocked it waits; with a timespec, too.
  raise(SIGUSR1);
  EXPECT_EQ(epoll_pwait(set_, &event, 1, 10, &blocked), 0);
  const struct timespec time{0, 10'000'000};
  EXPECT_EQ(
      syscall(SYS_epoll_pwait2, set_, &event, 1, &time, &blocked, size_t{8}),
      0);
  EXPECT_EQ(
      syscall(SYS_epoll_pwait2, set_, &event, 1, nullptr, &open, size_t{8}),
      -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(syscall(SYS_epoll_pwait2, set_, &event, 1, &time, &open, size_t{7}),
            -1);
  EXPECT_EQ(errno, EINVAL);
  const struct timespec bad{0, 1'000'000'000};
  EXPECT_EQ(
      syscall(SYS_epoll_pwait2, set_, &event, 1, &bad, nullptr, size_t{8}), -1);
  EXPECT_EQ(errno, EINVAL);
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
}

TEST_F(Epoll, FilesThatAreAlwaysReady) {
  const char* const paths[] = {"/", "/dev/null", "/dev/zero",
                               "/proc/self/stat"};
  for (const char* const path : paths) {
    const int fd = open(path, O_RDONLY);
    EXPECT_EQ(control(EPOLL_CTL_ADD, fd, EPOLLIN), -1) << path;
    EXPECT_EQ(errno, EPERM) << path;
    close(fd);
  }
}

// A reader's edge is what is written, a writer's what is read.
TEST_F(Epoll, EdgesOfTwoWays) {
  const int fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
  ASSERT_EQ(control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET), 0);
  ASSERT_EQ(eventfd_write(fd, 3), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  eventfd_t value;
  ASSERT_EQ(eventfd_read(fd, &value), 0);
  EXPECT_EQ(wait(), 0u);
  ASSERT_EQ(eventfd_write(fd, 1), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  ASSERT_EQ(control(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN});
  close(fd);
}

TEST_F(Epoll, SocketsAndTheirEnds) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ASSERT_EQ(control(EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP),
            0);
  EXPECT_EQ(wait(), uint32_t{EPOLLOUT});
  ASSERT_EQ(write(pair[1], "x", 1), 1);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN | EPOLLOUT});
  ASSERT_EQ(shutdown(pair[1], SHUT_WR), 0);
  EXPECT_EQ(wait(), uint32_t{EPOLLIN | EPOLLOUT | EPOLLRDHUP});
  close(pair[1]);
  EXPECT_EQ(wait() & uint32_t{EPOLLHUP}, uint32_t{EPOLLHUP});
  close(pair[0]);
}

TEST_F(Epoll, Errors) {
  EXPECT_EQ(control(EPOLL_CTL_MOD, ends_[0], EPOLLIN), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(control(EPOLL_CTL_DEL, ends_[0], 0), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), 0);
  EXPECT_EQ(control(EPOLL_CTL_ADD, ends_[0], EPOLLIN), -1);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(control(EPOLL_CTL_ADD, 1000, EPOLLIN), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(control(EPOLL_CTL_ADD, set_, EPOLLIN), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(control(77, ends_[0], EPOLLIN), -1);
  EXPECT_EQ(errno, EINVAL);
  const int directory = open("/", O_RDONLY);
  EXPECT_EQ(control(EPOLL_CTL_ADD, directory, EPOLLIN), -1);
  EXPECT_EQ(errno, EPERM);
  close(directory);
  struct epoll_event event;
  EXPECT_EQ(epoll_wait(set_, &event, 0, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(epoll_wait(ends_[0], &event, 1, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(epoll_wait(1000, &event, 1, 0), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(epoll_create1(77), -1);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
}  // namespace tine::guest
