// Signals that come while a call waits at a file.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <functional>
#include <vector>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

volatile sig_atomic_t handled = 0;

void on_signal(int) { handled = handled + 1; }

void pause_ms(long ms) {
  struct timespec time{0, ms * 1'000'000};
  nanosleep(&time, nullptr);
}

void handle(int flags) {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = flags;
  sigaction(SIGUSR1, &action, nullptr);
  handled = 0;
}

// A child that signals this process after a while, then does something else a
// while later.
pid_t start_sender(const std::function<void()>& then = [] {}) {
  const pid_t parent = getpid();
  return start_child([&] {
    pause_ms(20);
    kill(parent, SIGUSR1);
    pause_ms(20);
    then();
    return 0;
  });
}

class InterruptedIo : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_), 0); }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  int ends_[2] = {-1, -1};
};

TEST_F(InterruptedIo, ReadEndsWithoutRestart) {
  handle(0);
  const pid_t sender = start_sender();
  char byte;
  EXPECT_EQ(read(ends_[0], &byte, 1), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(wait_for(sender), 0);
}

TEST_F(InterruptedIo, ReadIsMadeAgain) {
  handle(SA_RESTART);
  const pid_t sender = start_sender([&] { (void)!write(ends_[1], "x", 1); });
  char byte = 0;
  EXPECT_EQ(read(ends_[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(wait_for(sender), 0);
}

// What was written before the signal is the result, whatever the flags say.
TEST_F(InterruptedIo, WriteTellsWhatIsDone) {
  for (const int flags : {0, SA_RESTART}) {
    handle(flags);
    const pid_t sender = start_sender();
    std::vector<char> much(200'000);
    EXPECT_EQ(write(ends_[1], much.data(), much.size()), 65'536);
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(wait_for(sender), 0);
    EXPECT_EQ(read(ends_[0], much.data(), much.size()), 65'536);
  }
}

// The family of poll is never made again after a handler.
TEST_F(InterruptedIo, PollEnds) {
  handle(SA_RESTART);
  const std::function<int()> waits[] = {
      [&] {
        struct pollfd fd = {ends_[0], POLLIN, 0};
        return poll(&fd, 1, 20'000);
      },
      [&] {
        struct pollfd fd = {ends_[0], POLLIN, 0};
        return ppoll(&fd, 1, nullptr, nullptr);
      },
      [&] {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(ends_[0], &set);
        return select(ends_[0] + 1, &set, nullptr, nullptr, nullptr);
      },
      [&] {
        const int set = epoll_create1(0);
        struct epoll_event event;
        const int result = epoll_wait(set, &event, 1, -1);
        const int error = errno;
        close(set);
        errno = error;
        return result;
      },
  };
  for (const auto& wait : waits) {
    handled = 0;
    const pid_t sender = start_sender();
    EXPECT_EQ(wait(), -1);
    EXPECT_EQ(errno, EINTR);
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(wait_for(sender), 0);
  }
}

TEST_F(InterruptedIo, SocketsAndLocks) {
  handle(0);
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  pid_t sender = start_sender();
  char byte;
  EXPECT_EQ(recv(pair[0], &byte, 1, 0), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(sender), 0);
  const int a = open("/dev/zero", O_RDWR);
  const int b = open("/dev/zero", O_RDWR);
  ASSERT_EQ(flock(a, LOCK_EX), 0);
  sender = start_sender();
  EXPECT_EQ(flock(b, LOCK_EX), -1);
  EXPECT_EQ(errno, EINTR);
  EXPECT_EQ(wait_for(sender), 0);
  for (const int fd : {pair[0], pair[1], a, b}) close(fd);
}

// A signal without a handler, and one that stops: the call goes on.
TEST_F(InterruptedIo, StoppedAndContinued) {
  const pid_t child = start_child([&] {
    close(ends_[1]);
    char byte;
    return read(ends_[0], &byte, 1) == 1 ? byte : 1;
  });
  pause_ms(10);
  kill(child, SIGSTOP);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  kill(child, SIGCONT);
  pause_ms(10);
  ASSERT_EQ(write(ends_[1], "\x05", 1), 1);
  EXPECT_EQ(wait_for(child), 5);
}

}  // namespace
}  // namespace tine::guest
