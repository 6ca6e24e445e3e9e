// signalfd: signals that one reads.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

constexpr ssize_t kBytes = sizeof(signalfd_siginfo);

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

void do_nothing(int) {}

class SignalFd : public testing::Test {
 protected:
  void SetUp() override {
    const sigset_t all =
        set_of({SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM, SIGRTMIN, SIGRTMAX});
    ASSERT_EQ(sigprocmask(SIG_BLOCK, &all, &before_), 0);
    const sigset_t mine = set_of({SIGUSR1, SIGRTMIN});
    fd_ = signalfd(-1, &mine, SFD_NONBLOCK | SFD_CLOEXEC);
    ASSERT_GE(fd_, 0);
  }
  void TearDown() override {
    close(fd_);
    // What is left over does not go to the next test.
    const timespec now = {};
    const sigset_t all =
        set_of({SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM, SIGRTMIN, SIGRTMAX});
    while (sigtimedwait(&all, nullptr, &now) > 0) {
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  // The signal that is read; minus the errno.
  int take() {
    last_ = {};
    const ssize_t got = read(fd_, &last_, sizeof(last_));
    if (got < 0) return -errno;
    EXPECT_EQ(got, kBytes);
    return static_cast<int>(last_.ssi_signo);
  }
  int fd_ = -1;
  signalfd_siginfo last_ = {};
  sigset_t before_;
};

TEST_F(SignalFd, Arguments) {
  const sigset_t set = set_of({SIGUSR1});
  EXPECT_EQ(fcntl(fd_, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd_, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
            O_RDWR | O_NONBLOCK);
  EXPECT_ERRNO(EINVAL, signalfd(-1, &set, 1));
  EXPECT_ERRNO(EINVAL,
               static_cast<int>(syscall(SYS_signalfd4, -1, &set, 4, 0)));
  EXPECT_ERRNO(EFAULT, static_cast<int>(syscall(SYS_signalfd4, -1, 8, 8, 0)));
  EXPECT_ERRNO(EBADF, signalfd(-2, &set, 0));
  EXPECT_ERRNO(EBADF, signalfd(1000, &set, 0));
  EXPECT_ERRNO(EINVAL, signalfd(0, &set, 0));
  EXPECT_EQ(signalfd(fd_, &set, 0), fd_);
  EXPECT_ERRNO(EINVAL, static_cast<int>(read(fd_, &last_, kBytes - 1)));
  EXPECT_ERRNO(EAGAIN, static_cast<int>(read(fd_, &last_, kBytes)));
  EXPECT_ERRNO(EINVAL, static_cast<int>(write(fd_, &last_, kBytes)));
  EXPECT_ERRNO(ESPIPE, static_cast<int>(pread(fd_, &last_, kBytes, 0)));
  const int plain = signalfd(-1, &set, 0);
  EXPECT_EQ(fcntl(plain, F_GETFD), 0);
  EXPECT_EQ(fcntl(plain, F_GETFL) & O_NONBLOCK, 0);
  close(plain);
}

TEST_F(SignalFd, TakesWhatIsPending) {
  EXPECT_EQ(take(), -EAGAIN);
  ASSERT_EQ(kill(getpid(), SIGUSR2), 0);
  EXPECT_EQ(take(), -EAGAIN);
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  ASSERT_EQ(take(), SIGUSR1);
  EXPECT_EQ(last_.ssi_code, SI_USER);
  EXPECT_EQ(last_.ssi_pid, static_cast<uint32_t>(getpid()));
  EXPECT_EQ(last_.ssi_uid, getuid());
  EXPECT_EQ(take(), -EAGAIN);
  ASSERT_EQ(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1), 0);
  ASSERT_EQ(take(), SIGUSR1);
  EXPECT_EQ(last_.ssi_code, SI_TKILL);
  // Another set for the same descriptor.
  const sigset_t other = set_of({SIGUSR2, SIGKILL, SIGSTOP});
  EXPECT_EQ(signalfd(fd_, &other, 0), fd_);
  EXPECT_EQ(take(), SIGUSR2);
  sigset_t pending;
  ASSERT_EQ(sigpending(&pending), 0);
  EXPECT_EQ(sigismember(&pending, SIGUSR2), 0);
}

TEST_F(SignalFd, ValuesInOrder) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(sigqueue(getpid(), SIGRTMIN, {.sival_int = 100 + i}), 0);
  }
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  signalfd_siginfo all[3];
  ASSERT_EQ(read(fd_, all, sizeof(all) + 5), 3 * kBytes);
  EXPECT_EQ(all[0].ssi_signo, static_cast<uint32_t>(SIGUSR1));
  for (uint32_t i = 1; i < 3; ++i) {
    EXPECT_EQ(all[i].ssi_signo, static_cast<uint32_t>(SIGRTMIN));
    EXPECT_EQ(all[i].ssi_code, SI_QUEUE);
    EXPECT_EQ(all[i].ssi_int, static_cast<int>(99 + i));
  }
  iovec piece = {all, sizeof(all)};
  EXPECT_EQ(readv(fd_, &piece, 1), kBytes);
  EXPECT_EQ(all[0].ssi_int, 102);
}

TEST_F(SignalFd, ChildrenAndTimers) {
  const sigset_t set = set_of({SIGCHLD, SIGALRM, SIGRTMAX});
  ASSERT_EQ(signalfd(fd_, &set, 0), fd_);
  const pid_t child = start_child([] { return 7; });
  pollfd poller{fd_, POLLIN, 0};
  ASSERT_EQ(poll(&poller, 1, 10'000), 1);
  ASSERT_EQ(take(), SIGCHLD);
  EXPECT_EQ(last_.ssi_code, CLD_EXITED);
  EXPECT_EQ(last_.ssi_pid, static_cast<uint32_t>(child));
  EXPECT_EQ(last_.ssi_status, 7);
  EXPECT_EQ(wait_for(child), 7);
  sigevent how = {};
  how.sigev_notify = SIGEV_SIGNAL;
  how.sigev_signo = SIGRTMAX;
  how.sigev_value.sival_int = 42;
  timer_t timer;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &how, &timer), 0);
  const itimerspec soon = {{0, 0}, {0, 10'000'000}};
  ASSERT_EQ(timer_settime(timer, 0, &soon, nullptr), 0);
  ASSERT_EQ(poll(&poller, 1, 10'000), 1);
  ASSERT_EQ(take(), SIGRTMAX);
  EXPECT_EQ(last_.ssi_code, SI_TIMER);
  EXPECT_EQ(last_.ssi_int, 42);
  EXPECT_EQ(last_.ssi_overrun, 0u);
  ASSERT_EQ(timer_delete(timer), 0);
  alarm(1);
  ASSERT_EQ(poll(&poller, 1, 10'000), 1);
  ASSERT_EQ(take(), SIGALRM);
  EXPECT_EQ(last_.ssi_code, SI_KERNEL);
}

TEST_F(SignalFd, ReadersWait) {
  ASSERT_EQ(fcntl(fd_, F_SETFL, 0), 0);
  const pid_t self = getpid();
  const pid_t child = start_child([&] {
    usleep(20'000);
    return kill(self, SIGUSR1);
  });
  EXPECT_EQ(take(), SIGUSR1);
  EXPECT_EQ(last_.ssi_pid, static_cast<uint32_t>(child));
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(SignalFd, HandlersEndAWait) {
  ASSERT_EQ(fcntl(fd_, F_SETFL, 0), 0);
  const pid_t self = getpid();
  struct sigaction action = {};
  action.sa_handler = do_nothing;
  struct sigaction before;
  ASSERT_EQ(sigaction(SIGHUP, &action, &before), 0);
  pid_t child = start_child([&] {
    usleep(20'000);
    return kill(self, SIGHUP);
  });
  EXPECT_EQ(take(), -EINTR);
  EXPECT_EQ(wait_for(child), 0);
  // With SA_RESTART the read goes on.
  action.sa_flags = SA_RESTART;
  ASSERT_EQ(sigaction(SIGHUP, &action, nullptr), 0);
  child = start_child([&] {
    usleep(20'000);
    CHILD_CHECK(kill(self, SIGHUP) == 0);
    usleep(20'000);
    return kill(self, SIGUSR1);
  });
  EXPECT_EQ(take(), SIGUSR1);
  EXPECT_EQ(wait_for(child), 0);
  sigaction(SIGHUP, &before, nullptr);
}

TEST_F(SignalFd, PollersAndSetsWait) {
  pollfd poller{fd_, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&poller, 1, 0), 0);
  const int set = epoll_create1(0);
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = 5;
  ASSERT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, fd_, &event), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  const pid_t self = getpid();
  const auto later = [&] {
    usleep(20'000);
    return kill(self, SIGUSR1);
  };
  pid_t child = start_child(later);
  event = {};
  EXPECT_EQ(epoll_wait(set, &event, 1, 10'000), 1);
  EXPECT_EQ(event.events, uint32_t{EPOLLIN});
  EXPECT_EQ(event.data.u64, 5u);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(take(), SIGUSR1);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  child = start_child(later);
  fd_set reads;
  FD_ZERO(&reads);
  FD_SET(fd_, &reads);
  timeval most = {10, 0};
  EXPECT_EQ(select(fd_ + 1, &reads, nullptr, nullptr, &most), 1);
  EXPECT_EQ(take(), SIGUSR1);
  EXPECT_EQ(wait_for(child), 0);
  // To wait for signals that it is not for takes its time.
  child = start_child([&] { return kill(self, SIGUSR2); });
  EXPECT_EQ(poll(&poller, 1, 50), 0);
  EXPECT_EQ(wait_for(child), 0);
  close(set);
}

// A child that reads gets its own signals.
TEST_F(SignalFd, Fork) {
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(take() == -EAGAIN);
              pollfd poller{fd_, POLLIN, 0};
              CHILD_CHECK(poll(&poller, 1, 0) == 0);
              CHILD_CHECK(raise(SIGUSR1) == 0);
              CHILD_CHECK(poll(&poller, 1, 0) == 1);
              CHILD_CHECK(take() == SIGUSR1);
              CHILD_CHECK(last_.ssi_pid == static_cast<uint32_t>(getpid()));
              return 0;
            }),
            0);
  EXPECT_EQ(take(), SIGUSR1);
}

// A thread reads its own signals and those of the process.
TEST_F(SignalFd, Threads) {
  ASSERT_EQ(fcntl(fd_, F_SETFL, 0), 0);
  ASSERT_EQ(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1), 0);
  std::thread([&] {
    pollfd poller{fd_, POLLIN, 0};
    EXPECT_EQ(poll(&poller, 1, 0), 0);
    EXPECT_EQ(sigqueue(getpid(), SIGRTMIN, {.sival_int = 1}), 0);
    EXPECT_EQ(poll(&poller, 1, 0), 1);
    EXPECT_EQ(take(), SIGRTMIN);
  }).join();
  EXPECT_EQ(take(), SIGUSR1);
  volatile pid_t reader = 0;
  std::thread waiting([&] {
    reader = gettid();
    EXPECT_EQ(take(), SIGUSR1);
    EXPECT_EQ(last_.ssi_code, SI_TKILL);
  });
  ASSERT_TRUE(wait_until([&] { return reader != 0; }));
  sleep_ms(20);
  EXPECT_EQ(syscall(SYS_tgkill, getpid(), reader, SIGUSR1), 0);
  waiting.join();
}

// What is read is taken even if nobody blocks it.
TEST_F(SignalFd, UnblockedSignals) {
  const int end = run_child([&] {
    CHILD_CHECK(fcntl(fd_, F_SETFL, 0) == 0);
    const sigset_t mine = set_of({SIGUSR1});
    CHILD_CHECK(sigprocmask(SIG_UNBLOCK, &mine, nullptr) == 0);
    const pid_t self = getpid();
    const pid_t child = start_child([&] {
      usleep(20'000);
      return kill(self, SIGUSR1);
    });
    CHILD_CHECK(take() == SIGUSR1);
    CHILD_CHECK(wait_for(child) == 0);
    // Nobody reads: it does what it does.
    raise(SIGUSR1);
    return 0;
  });
  EXPECT_EQ(end, -SIGUSR1);
}

TEST_F(SignalFd, BadBuffers) {
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  EXPECT_ERRNO(EFAULT,
               static_cast<int>(read(fd_, reinterpret_cast<void*>(8), kBytes)));
}

TEST_F(SignalFd, ExecAndProc) {
  const std::string number = std::to_string(fd_);
  char target[64] = {};
  ASSERT_GT(readlink(("/proc/self/fd/" + number).c_str(), target, 63), 0);
  EXPECT_STREQ(target, "anon_inode:[signalfd]");
  const std::string info = get_file("/proc/self/fdinfo/" + number);
  EXPECT_NE(info.find("sigmask:\t0000000200000200\n"), std::string::npos)
      << info;
}

}  // namespace
}  // namespace tine::guest
