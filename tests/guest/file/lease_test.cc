// Leases: F_SETLEASE, and who opens a file that somebody has one on.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

int error_of(long result) { return result < 0 ? errno : 0; }

class Lease : public testing::Test {
 protected:
  void SetUp() override {
    noted = {};
    path_ = directory_ / "file";
    close(open(path_.c_str(), O_RDWR | O_CREAT, 0644));
    handle(SIGIO, note);
    handle(SIGRTMIN, note);
  }
  void TearDown() override {
    set_action(SIGIO, SIG_DFL);
    set_action(SIGRTMIN, SIG_DFL);
  }
  int open_it(int flags) { return open(path_.c_str(), flags); }

  TemporaryDirectory directory_;
  std::string path_;
};

TEST_F(Lease, SharedOfReaders) {
  const int fd = open_it(O_RDONLY);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
  EXPECT_EQ(error_of(fcntl(fd, F_SETLEASE, F_UNLCK)), EAGAIN);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0) << errno;
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
  const int other = open_it(O_RDONLY);
  EXPECT_EQ(fcntl(other, F_GETLEASE), F_UNLCK);
  EXPECT_EQ(fcntl(other, F_SETLEASE, F_RDLCK), 0);
  EXPECT_EQ(error_of(fcntl(other, F_SETLEASE, F_WRLCK)), EAGAIN);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
  close(other);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_WRLCK);
  EXPECT_EQ(noted.count, 0);
  close(fd);
}

TEST_F(Lease, NotOfWriters) {
  const int fd = open_it(O_RDWR);
  EXPECT_EQ(error_of(fcntl(fd, F_SETLEASE, F_RDLCK)), EAGAIN);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
  const int other = open_it(O_RDONLY);
  EXPECT_EQ(error_of(fcntl(fd, F_SETLEASE, F_WRLCK)), EAGAIN);
  EXPECT_EQ(error_of(fcntl(other, F_SETLEASE, F_RDLCK)), EAGAIN);
  close(other);
  close(fd);
}

TEST_F(Lease, Refusals) {
  const int fd = open_it(O_RDONLY);
  EXPECT_EQ(error_of(fcntl(fd, F_SETLEASE, 99)), EINVAL);
  EXPECT_EQ(error_of(fcntl(-1, F_SETLEASE, F_RDLCK)), EBADF);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(error_of(fcntl(ends[0], F_SETLEASE, F_RDLCK)), EINVAL);
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    return error_of(fcntl(fd, F_SETLEASE, F_RDLCK));
  });
  if (end != kNoOtherUser) EXPECT_EQ(end, EACCES);
  for (const int one : {ends[0], ends[1], fd}) close(one);
}

TEST_F(Lease, OthersWaitUntilItEnds) {
  const int fd = open_it(O_RDONLY);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
  EXPECT_EQ(error_of(open_it(O_WRONLY | O_NONBLOCK)), EWOULDBLOCK);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.signal, SIGIO);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
  // It is told once.
  EXPECT_EQ(error_of(open_it(O_WRONLY | O_NONBLOCK)), EWOULDBLOCK);
  EXPECT_EQ(noted.count, 1);
  const pid_t child = start_child([&] {
    const int writer = open_it(O_WRONLY);
    CHILD_CHECK(writer >= 0);
    return 0;
  });
  sleep_ms(50);
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
  EXPECT_EQ(wait_for(child), 0);
  close(fd);
}

TEST_F(Lease, ReadersLetItBecomeShared) {
  const int fd = open_it(O_RDONLY);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
  const pid_t child = start_child([&] {
    const int reader = open_it(O_RDONLY);
    CHILD_CHECK(reader >= 0);
    return 0;
  });
  while (noted.count == 0) sleep_ms(1);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
  close(fd);
}

TEST_F(Lease, EndsWithTheFile) {
  const int fd = open_it(O_RDONLY);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
  const int copy = dup(fd);
  close(fd);
  EXPECT_EQ(fcntl(copy, F_GETLEASE), F_WRLCK);
  close(copy);
  const int other = open_it(O_RDWR | O_NONBLOCK);
  EXPECT_GE(other, 0);
  EXPECT_EQ(noted.count, 0);
  close(other);
}

TEST_F(Lease, TruncatingEndsIt) {
  const int fd = open_it(O_RDONLY);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
  const pid_t child =
      start_child([&] { return error_of(truncate(path_.c_str(), 5)); });
  while (noted.count == 0) sleep_ms(1);
  EXPECT_EQ(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
  EXPECT_EQ(wait_for(child), 0);
  close(fd);
}

TEST_F(Lease, SignalOfItsChoice) {
  const int fd = open_it(O_RDONLY);
  ASSERT_EQ(fcntl(fd, F_SETSIG, SIGRTMIN), 0);
  ASSERT_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
  EXPECT_EQ(error_of(open_it(O_RDWR | O_NONBLOCK)), EWOULDBLOCK);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.signal, SIGRTMIN);
  EXPECT_EQ(noted.info.si_fd, fd);
  EXPECT_EQ(noted.info.si_code, POLL_MSG);
  close(fd);
}

}  // namespace
}  // namespace tine::guest
