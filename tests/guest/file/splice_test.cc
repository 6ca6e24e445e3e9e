// splice, tee, vmsplice, and pipes of packets.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/pseudo_terminal.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class Splice : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(a_), 0);
    ASSERT_EQ(pipe(b_), 0);
    file_ = open((directory_ / "file").c_str(), O_RDWR | O_CREAT, 0600);
    ASSERT_GE(file_, 0);
  }
  void TearDown() override {
    for (const int fd : {a_[0], a_[1], b_[0], b_[1], file_}) close(fd);
  }
  static void put(int fd, const std::string& text) {
    ASSERT_EQ(write(fd, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  static std::string get(int fd, size_t most = 100'000) {
    std::string text(most, '\0');
    struct pollfd poll_fd = {fd, POLLIN, 0};
    if (poll(&poll_fd, 1, 0) != 1) return "";
    const ssize_t got = read(fd, text.data(), most);
    text.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return text;
  }
  TemporaryDirectory directory_;
  int a_[2];
  int b_[2];
  int file_;
};

TEST_F(Splice, FromAFileAndBack) {
  put(file_, "0123456789");
  loff_t from = 2;
  EXPECT_EQ(splice(file_, &from, a_[1], nullptr, 5, 0), 5);
  EXPECT_EQ(from, 7);
  EXPECT_EQ(lseek(file_, 0, SEEK_CUR), 10);
  EXPECT_EQ(get(a_[0]), "23456");
  lseek(file_, 8, SEEK_SET);
  EXPECT_EQ(splice(file_, nullptr, a_[1], nullptr, 100, 0), 2);
  EXPECT_EQ(lseek(file_, 0, SEEK_CUR), 10);
  EXPECT_EQ(splice(file_, nullptr, a_[1], nullptr, 100, 0), 0);
  loff_t to = 1;
  EXPECT_EQ(splice(a_[0], nullptr, file_, &to, 100, 0), 2);
  EXPECT_EQ(to, 3);
  EXPECT_EQ(get_file(directory_ / "file"), "0893456789");
  put(a_[1], "end");
  EXPECT_EQ(splice(a_[0], nullptr, file_, nullptr, 2, 0), 2);
  EXPECT_EQ(get(a_[0]), "d");
  EXPECT_EQ(get_file(directory_ / "file"), "0893456789en");
}

TEST_F(Splice, BetweenPipes) {
  put(a_[1], "hello world");
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 5, 0), 5);
  EXPECT_EQ(get(b_[0]), "hello");
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 100, 0), 6);
  EXPECT_EQ(get(b_[0]), " world");
  close(a_[1]);
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 5, 0), 0);
}

TEST_F(Splice, Waits) {
  EXPECT_ERRNO(EAGAIN,
               splice(a_[0], nullptr, b_[1], nullptr, 5, SPLICE_F_NONBLOCK));
  const pid_t child = start_child([&] {
    struct timespec time{0, 20'000'000};
    nanosleep(&time, nullptr);
    return write(a_[1], "late", 4) == 4 ? 0 : 1;
  });
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 100, 0), 4);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(get(b_[0]), "late");
  // And for room.
  const std::string full(65'536, 'f');
  put(b_[1], full);
  put(a_[1], "more");
  EXPECT_ERRNO(EAGAIN,
               splice(a_[0], nullptr, b_[1], nullptr, 5, SPLICE_F_NONBLOCK));
  const pid_t reader = start_child([&] {
    struct timespec time{0, 20'000'000};
    nanosleep(&time, nullptr);
    return get(b_[0]).size() == full.size() ? 0 : 1;
  });
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 100, 0), 4);
  EXPECT_EQ(wait_for(reader), 0);
  EXPECT_EQ(get(b_[0]), "more");
}

TEST_F(Splice, ToASocketAndDevices) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  put(a_[1], "to the socket");
  EXPECT_EQ(splice(a_[0], nullptr, pair[0], nullptr, 100, 0), 13);
  EXPECT_EQ(get(pair[1]), "to the socket");
  close(pair[0]);
  close(pair[1]);
  const int null = open("/dev/null", O_WRONLY);
  put(a_[1], std::string(10'000, 'x'));
  EXPECT_EQ(splice(a_[0], nullptr, null, nullptr, 20'000, 0), 10'000);
  close(null);
}

TEST_F(Splice, Errors) {
  loff_t offset = 0;
  put(file_, "text");
  put(a_[1], "x");
  EXPECT_ERRNO(EINVAL, splice(file_, nullptr, file_, nullptr, 5, 0));
  EXPECT_ERRNO(EINVAL, splice(a_[0], nullptr, a_[1], nullptr, 5, 0));
  EXPECT_ERRNO(ESPIPE, splice(a_[0], &offset, b_[1], nullptr, 5, 0));
  EXPECT_ERRNO(ESPIPE, splice(a_[0], nullptr, b_[1], &offset, 5, 0));
  EXPECT_ERRNO(EBADF, splice(-1, nullptr, b_[1], nullptr, 5, 0));
  EXPECT_ERRNO(EBADF, splice(a_[0], nullptr, -1, nullptr, 5, 0));
  EXPECT_ERRNO(EBADF, splice(a_[1], nullptr, b_[1], nullptr, 5, 0));
  EXPECT_ERRNO(EBADF, splice(a_[0], nullptr, b_[0], nullptr, 5, 0));
  EXPECT_ERRNO(EINVAL, splice(a_[0], nullptr, b_[1], nullptr, 5, 77));
  EXPECT_EQ(splice(a_[0], nullptr, b_[1], nullptr, 0, 0), 0);
  const int log = open((directory_ / "file").c_str(), O_WRONLY | O_APPEND);
  EXPECT_ERRNO(EINVAL, splice(a_[0], nullptr, log, nullptr, 5, 0));
  close(log);
  EXPECT_ERRNO(EFAULT, splice(file_, reinterpret_cast<loff_t*>(8), a_[1],
                              nullptr, 5, 0));
  EXPECT_EQ(get(a_[0]), "x");
  EXPECT_EQ(run_child([&] {
              signal(SIGPIPE, SIG_IGN);
              close(b_[0]);
              return 0;
            }),
            0);
  signal(SIGPIPE, SIG_IGN);
  close(b_[0]);
  put(a_[1], "x");
  EXPECT_ERRNO(EPIPE, splice(a_[0], nullptr, b_[1], nullptr, 5, 0));
  EXPECT_EQ(get(a_[0]), "x");
  signal(SIGPIPE, SIG_DFL);
}

TEST_F(Splice, TeeLeavesWhatItCopies) {
  put(a_[1], "once");
  put(a_[1], "twice");
  EXPECT_EQ(tee(a_[0], b_[1], 6, 0), 6);
  EXPECT_EQ(get(b_[0]), "oncetw");
  EXPECT_EQ(tee(a_[0], b_[1], 100, 0), 9);
  EXPECT_EQ(get(b_[0]), "oncetwice");
  EXPECT_EQ(get(a_[0]), "oncetwice");
  EXPECT_ERRNO(EAGAIN, tee(a_[0], b_[1], 5, SPLICE_F_NONBLOCK));
  EXPECT_ERRNO(EINVAL, tee(a_[0], a_[1], 5, 0));
  EXPECT_ERRNO(EINVAL, tee(file_, b_[1], 5, 0));
  EXPECT_ERRNO(EINVAL, tee(a_[0], file_, 5, 0));
  EXPECT_ERRNO(EBADF, tee(-1, b_[1], 5, 0));
  EXPECT_ERRNO(EBADF, tee(a_[1], b_[1], 5, 0));
  close(a_[1]);
  EXPECT_EQ(tee(a_[0], b_[1], 5, 0), 0);
}

TEST_F(Splice, VmspliceBothWays) {
  char first[] = "one ";
  char second[] = "two";
  iovec pieces[] = {{first, 4}, {second, 3}};
  EXPECT_EQ(vmsplice(a_[1], pieces, 2, 0), 7);
  EXPECT_EQ(get(a_[0]), "one two");
  put(a_[1], "abcdefg");
  EXPECT_EQ(vmsplice(a_[0], pieces, 2, 0), 7);
  EXPECT_STREQ(first, "abcd");
  EXPECT_STREQ(second, "efg");
  EXPECT_ERRNO(EAGAIN, vmsplice(a_[0], pieces, 2, SPLICE_F_NONBLOCK));
  EXPECT_ERRNO(EBADF, vmsplice(file_, pieces, 2, 0));
  EXPECT_ERRNO(EBADF, vmsplice(-1, pieces, 2, 0));
  EXPECT_ERRNO(EINVAL, vmsplice(a_[1], pieces, 1025, 0));
  EXPECT_ERRNO(EINVAL, vmsplice(a_[1], pieces, 2, 77));
}

TEST_F(Splice, PacketsAreReadOneByOne) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_DIRECT), 0);
  EXPECT_EQ(fcntl(ends[1], F_GETFL) & O_DIRECT, O_DIRECT);
  put(ends[1], "first");
  put(ends[1], "second one");
  put(ends[1], "third");
  EXPECT_EQ(get(ends[0]), "first");
  EXPECT_EQ(get(ends[0], 3), "sec");  // the rest of it is lost
  EXPECT_EQ(get(ends[0]), "third");
  // More than PIPE_BUF is several.
  put(ends[1], std::string(5000, 'x'));
  EXPECT_EQ(get(ends[0]).size(), 4096u);
  EXPECT_EQ(get(ends[0]).size(), 904u);
  // It can be turned off and on.
  ASSERT_EQ(fcntl(ends[1], F_SETFL, 0), 0);
  put(ends[1], "a");
  put(ends[1], "b");
  EXPECT_EQ(get(ends[0]), "ab");
  ASSERT_EQ(fcntl(ends[1], F_SETFL, O_DIRECT), 0);
  put(ends[1], "a");
  put(ends[1], "b");
  EXPECT_EQ(get(ends[0]), "a");
  EXPECT_EQ(get(ends[0]), "b");
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Splice, SyncOfARange) {
  put(file_, "text");
  EXPECT_EQ(sync_file_range(file_, 0, 4, SYNC_FILE_RANGE_WRITE), 0);
  EXPECT_EQ(sync_file_range(file_, 0, 0, 0), 0);
  EXPECT_ERRNO(EBADF, sync_file_range(-1, 0, 4, 0));
  EXPECT_ERRNO(EINVAL, sync_file_range(file_, -1, 4, 0));
  EXPECT_ERRNO(EINVAL, sync_file_range(file_, 0, -1, 0));
  EXPECT_ERRNO(EINVAL, sync_file_range(file_, 0, 4, 77));
  EXPECT_ERRNO(ESPIPE, sync_file_range(a_[0], 0, 4, 0));
}

TEST_F(Splice, FromASocket) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, type, 0, ends), 0);
    put(ends[0], "some text");
    EXPECT_EQ(splice(ends[1], nullptr, a_[1], nullptr, 100, 0), 9) << type;
    EXPECT_EQ(get(a_[0]), "some text") << type;
    EXPECT_EQ(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    EXPECT_EQ(splice(ends[1], nullptr, a_[1], nullptr, 100, 0), -1) << type;
    EXPECT_EQ(errno, EAGAIN) << type;
    loff_t offset = 0;
    EXPECT_EQ(splice(ends[1], &offset, a_[1], nullptr, 100, 0), -1) << type;
    EXPECT_TRUE(errno == EINVAL || errno == ESPIPE) << errno;
    close(ends[0]);
    close(ends[1]);
  }
}

TEST_F(Splice, WaitsForASocket) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const pid_t child = start_child([&] {
    usleep(20'000);
    return write(ends[0], "late", 4) == 4 ? 0 : 1;
  });
  EXPECT_EQ(splice(ends[1], nullptr, a_[1], nullptr, 4, 0), 4);
  EXPECT_EQ(get(a_[0]), "late");
  EXPECT_EQ(wait_for(child), 0);
  // What finds no room stays in the socket.
  ASSERT_EQ(fcntl(a_[1], F_SETPIPE_SZ, 4096), 4096);
  put(a_[1], std::string(4096, 'x'));
  put(ends[0], "kept");
  EXPECT_EQ(splice(ends[1], nullptr, a_[1], nullptr, 4, SPLICE_F_NONBLOCK), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(get(ends[1]), "kept");
  close(ends[0]);
  EXPECT_EQ(splice(ends[1], nullptr, b_[1], nullptr, 4, 0), 0);
  close(ends[1]);
}

TEST_F(Splice, FromATerminal) {
  PseudoTerminal terminal;
  if (terminal.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  put(terminal.master, "one\ntwo\n");
  EXPECT_EQ(splice(terminal.slave, nullptr, a_[1], nullptr, 100, 0), 4);
  EXPECT_EQ(get(a_[0]), "one\n");
  EXPECT_EQ(splice(terminal.slave, nullptr, a_[1], nullptr, 100, 0), 4);
  EXPECT_EQ(get(a_[0]), "two\n");
}

}  // namespace
}  // namespace tine::guest
