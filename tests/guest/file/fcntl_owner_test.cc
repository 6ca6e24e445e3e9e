// Owners of open files, and the signals that O_ASYNC sends them.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "tests/guest/child.h"
#include "tests/guest/pseudo_terminal.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class Owner : public testing::Test {
 protected:
  void SetUp() override {
    sigemptyset(&set_);
    for (const int signal : {SIGIO, SIGUSR1, SIGRTMIN}) {
      sigaddset(&set_, signal);
    }
    ASSERT_EQ(sigprocmask(SIG_BLOCK, &set_, &before_), 0);
    ASSERT_EQ(pipe(ends_), 0);
  }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
    while (take().si_signo > 0) {
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  // As glibc's fcntl() would make another call of it.
  static long raw(int fd, int command, long argument = 0) {
    return syscall(SYS_fcntl, fd, command, argument);
  }
  static int set_owner(int fd, int type, pid_t id) {
    f_owner_ex owner = {};
    owner.type = static_cast<decltype(owner.type)>(type);
    owner.pid = id;
    return fcntl(fd, F_SETOWN_EX, &owner);
  }
  // What is pending; si_signo -1: nothing.
  siginfo_t take() {
    siginfo_t info = {};
    const timespec now = {};
    if (sigtimedwait(&set_, &info, &now) < 0) info.si_signo = -1;
    return info;
  }
  void make_async(int fd, int signal) {
    ASSERT_EQ(raw(fd, F_SETOWN, getpid()), 0);
    ASSERT_EQ(fcntl(fd, F_SETSIG, signal), 0);
    ASSERT_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC), 0);
  }
  int ends_[2];
  sigset_t set_;
  sigset_t before_;
};

TEST_F(Owner, WhoCanBe) {
  EXPECT_EQ(raw(ends_[0], F_GETOWN), 0);
  EXPECT_ERRNO(ESRCH, raw(ends_[0], F_SETOWN, 12345678));
  EXPECT_ERRNO(ESRCH, raw(ends_[0], F_SETOWN, -12345678));
  EXPECT_ERRNO(EINVAL, raw(ends_[0], F_SETOWN, INT_MIN));
  EXPECT_EQ(raw(ends_[0], F_SETOWN, getpid()), 0);
  EXPECT_EQ(raw(ends_[0], F_GETOWN), getpid());
  f_owner_ex owner = {};
  ASSERT_EQ(fcntl(ends_[0], F_GETOWN_EX, &owner), 0);
  EXPECT_EQ(owner.type, F_OWNER_PID);
  EXPECT_EQ(owner.pid, getpid());
  EXPECT_EQ(raw(ends_[0], F_SETOWN, -getpgrp()), 0);
  ASSERT_EQ(fcntl(ends_[0], F_GETOWN_EX, &owner), 0);
  EXPECT_EQ(owner.type, F_OWNER_PGRP);
  EXPECT_EQ(owner.pid, getpgrp());
  EXPECT_EQ(set_owner(ends_[0], F_OWNER_TID, gettid()), 0);
  ASSERT_EQ(fcntl(ends_[0], F_GETOWN_EX, &owner), 0);
  EXPECT_EQ(owner.type, F_OWNER_TID);
  EXPECT_EQ(owner.pid, gettid());
  EXPECT_EQ(raw(ends_[0], F_SETOWN, 0), 0);
  EXPECT_EQ(raw(ends_[0], F_GETOWN), 0);
  EXPECT_ERRNO(EINVAL, set_owner(ends_[0], -1, 0));
  EXPECT_ERRNO(EINVAL, set_owner(ends_[0], 3, 0));
  for (const int type : {F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP}) {
    EXPECT_ERRNO(ESRCH, set_owner(ends_[0], type, -1));
    EXPECT_EQ(set_owner(ends_[0], type, 0), 0);
  }
  EXPECT_ERRNO(EFAULT, raw(ends_[0], F_SETOWN_EX, 8));
  EXPECT_ERRNO(EINVAL, fcntl(ends_[0], F_SETSIG, 65));
  EXPECT_ERRNO(EINVAL, fcntl(ends_[0], F_SETSIG, -1));
  EXPECT_EQ(fcntl(ends_[0], F_SETSIG, SIGUSR1), 0);
  EXPECT_EQ(fcntl(ends_[0], F_GETSIG), SIGUSR1);
  const pid_t gone = start_child([] { return 0; });
  ASSERT_EQ(wait_for(gone), 0);
  EXPECT_ERRNO(ESRCH, raw(ends_[0], F_SETOWN, gone));
}

TEST_F(Owner, PlainSignal) {
  make_async(ends_[0], 0);
  EXPECT_NE(fcntl(ends_[0], F_GETFL) & O_ASYNC, 0);
  EXPECT_EQ(take().si_signo, -1);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(take().si_signo, SIGIO);
  EXPECT_EQ(take().si_signo, -1);
  // Without the flag, and without an owner, nobody is told.
  ASSERT_EQ(fcntl(ends_[0], F_SETFL, 0), 0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(take().si_signo, -1);
  int on = 1;
  ASSERT_EQ(ioctl(ends_[0], FIOASYNC, &on), 0);
  EXPECT_NE(fcntl(ends_[0], F_GETFL) & O_ASYNC, 0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(take().si_signo, SIGIO);
  ASSERT_EQ(raw(ends_[0], F_SETOWN, 0), 0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(take().si_signo, -1);
}

TEST_F(Owner, ChosenSignal) {
  make_async(ends_[0], SIGRTMIN);
  // A duplicate is the same open file; the descriptor is the one that O_ASYNC
  // was set by.
  const int copy = dup(ends_[0]);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  siginfo_t info = take();
  EXPECT_EQ(info.si_signo, SIGRTMIN);
  EXPECT_EQ(info.si_code, POLL_IN);
  EXPECT_EQ(info.si_fd, ends_[0]);
  EXPECT_EQ(info.si_band, POLLIN | POLLRDNORM);
  close(copy);
  make_async(ends_[1], SIGUSR1);
  char c;
  ASSERT_EQ(read(ends_[0], &c, 1), 1);
  info = take();
  EXPECT_EQ(info.si_signo, SIGUSR1);
  EXPECT_EQ(info.si_code, POLL_OUT);
  EXPECT_EQ(info.si_fd, ends_[1]);
  EXPECT_EQ(info.si_band, POLLOUT | POLLWRNORM | POLLWRBAND);
  // The end of the other end.
  while (take().si_signo > 0) {
  }
  close(ends_[1]);
  EXPECT_EQ(take().si_signo, SIGRTMIN);
  ends_[1] = -1;
}

TEST_F(Owner, OtherProcessesAndGroups) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = start_child([&] {
    CHILD_CHECK(setpgid(0, 0) == 0);
    CHILD_CHECK(write(ready[1], "r", 1) == 1);
    const timespec most = {10, 0};
    CHILD_CHECK(sigtimedwait(&set_, nullptr, &most) == SIGIO);
    CHILD_CHECK(write(ready[1], "s", 1) == 1);
    CHILD_CHECK(sigtimedwait(&set_, nullptr, &most) == SIGIO);
    return 0;
  });
  char c;
  ASSERT_EQ(read(ready[0], &c, 1), 1);
  make_async(ends_[0], 0);
  ASSERT_EQ(raw(ends_[0], F_SETOWN, child), 0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  ASSERT_EQ(read(ready[0], &c, 1), 1);
  ASSERT_EQ(raw(ends_[0], F_SETOWN, -child), 0);
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(take().si_signo, -1);
  // An owner that has ended hears nothing.
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Owner, SocketsAndTerminals) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  make_async(pair[0], 0);
  ASSERT_EQ(write(pair[1], "x", 1), 1);
  EXPECT_EQ(take().si_signo, SIGIO);
  close(pair[0]);
  close(pair[1]);
  PseudoTerminal terminal;
  if (terminal.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  make_async(terminal.slave, SIGUSR1);
  put(terminal.master, "line\n");
  // Linux brings it to the other end by and by.
  const timespec most = {10, 0};
  EXPECT_EQ(sigtimedwait(&set_, nullptr, &most), SIGUSR1);
}

TEST_F(Owner, FilesWithout) {
  TemporaryDirectory directory;
  ASSERT_TRUE(put_file(directory / "file", "text"));
  const int fd = open((directory / "file").c_str(), O_RDWR);
  int on = 1;
  EXPECT_ERRNO(ENOTTY, ioctl(fd, FIOASYNC, &on));
  EXPECT_EQ(fcntl(fd, F_SETFL, O_ASYNC), 0);
  close(fd);
}

}  // namespace
}  // namespace tine::guest
