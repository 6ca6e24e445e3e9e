// Sockets of AF_UNIX in pairs: streams, datagrams, options, errors.
// feature-map: 70
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/time.h"
#include "tests/guest/unix_socket.h"

namespace tine::guest {
namespace {

TEST(UnixSocket, StreamsCarryBytesBothWays) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(write(pair[0], "hello ", 6), 6);
  EXPECT_EQ(send(pair[0], "world", 5, 0), 5);
  EXPECT_EQ(receive(pair[1], 3), "hel");
  int bytes = 0;
  EXPECT_EQ(ioctl(pair[1], FIONREAD, &bytes), 0);
  EXPECT_EQ(bytes, 8);
  EXPECT_EQ(receive(pair[1], 100, MSG_PEEK), "lo world");
  EXPECT_EQ(receive(pair[1], 100), "lo world");
  EXPECT_EQ(write(pair[1], "back", 4), 4);
  EXPECT_EQ(receive(pair[0], 100), "back");
  EXPECT_EQ(receive(pair[0], 1, MSG_DONTWAIT),
            "errno " + std::to_string(EAGAIN));
  EXPECT_EQ(events(pair[0]), POLLOUT);
}

TEST(UnixSocket, EndOfAStream) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(write(pair[0], "x", 1), 1);
  pair.close_end(0);
  EXPECT_EQ(events(pair[1]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
  EXPECT_EQ(receive(pair[1], 5), "x");
  EXPECT_EQ(receive(pair[1], 5), "");
  EXPECT_EQ(send(pair[1], "y", 1, MSG_NOSIGNAL), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(run_child([&] {
              signal(SIGPIPE, SIG_DFL);
              return write(pair[1], "y", 1) == -1 ? 1 : 2;
            }),
            -SIGPIPE);
}

TEST(UnixSocket, UnreadBytesResetTheOtherEnd) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(write(pair[0], "x", 1), 1);
  pair.close_end(1);
  char byte;
  EXPECT_EQ(recv(pair[0], &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(recv(pair[0], &byte, 1, 0), 0);
}

TEST(UnixSocket, Shutdown) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(shutdown(pair[0], SHUT_WR), 0);
  EXPECT_EQ(events(pair[1]), POLLIN | POLLOUT | POLLRDHUP);
  EXPECT_EQ(receive(pair[1], 5), "");
  EXPECT_EQ(send(pair[0], "x", 1, MSG_NOSIGNAL), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(write(pair[1], "still", 5), 5);
  EXPECT_EQ(receive(pair[0], 5), "still");
  EXPECT_EQ(shutdown(pair[0], 3), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(UnixSocket, ProcessesWait) {
  Pair pair(SOCK_STREAM);
  const pid_t child = start_child([&] {
    pair.close_end(0);
    std::vector<char> all(1'000'000, 'z');
    CHILD_CHECK(write(pair[1], all.data(), all.size()) ==
                static_cast<ssize_t>(all.size()));
    char byte;
    CHILD_CHECK(read(pair[1], &byte, 1) == 1);
    return byte;
  });
  pair.close_end(1);
  size_t total = 0;
  std::vector<char> some(30'000);
  while (total < 1'000'000) {
    const ssize_t got = read(pair[0], some.data(), some.size());
    ASSERT_GT(got, 0);
    for (ssize_t i = 0; i < got; ++i) {
      ASSERT_EQ(some[static_cast<size_t>(i)], 'z');
    }
    total += static_cast<size_t>(got);
  }
  EXPECT_EQ(total, 1'000'000u);
  ASSERT_EQ(write(pair[0], "\x21", 1), 1);
  EXPECT_EQ(wait_for(child), 0x21);
}

TEST(UnixSocket, WaitAll) {
  Pair pair(SOCK_STREAM);
  const pid_t child = start_child([&] {
    for (int i = 0; i < 5; ++i) {
      sleep_ms(3);
      CHILD_CHECK(write(pair[1], "ab", 2) == 2);
    }
    return 0;
  });
  EXPECT_EQ(receive(pair[0], 9, MSG_WAITALL), "ababababa");
  EXPECT_EQ(wait_for(child), 0);
}

TEST(UnixSocket, DatagramsKeepTheirBounds) {
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    EXPECT_EQ(send(pair[0], "one", 3, 0), 3);
    EXPECT_EQ(send(pair[0], "", 0, 0), 0);
    EXPECT_EQ(send(pair[0], "three", 5, 0), 5);
    EXPECT_EQ(receive(pair[1], 100), "one");
    EXPECT_EQ(receive(pair[1], 100), "");
    char some[2];
    struct iovec vector = {some, 2};
    struct msghdr message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    EXPECT_EQ(recvmsg(pair[1], &message, 0), 2);
    EXPECT_EQ(message.msg_flags & MSG_TRUNC, MSG_TRUNC);
    EXPECT_EQ(send(pair[0], "three", 5, 0), 5);
    EXPECT_EQ(recv(pair[1], some, 2, MSG_TRUNC | MSG_PEEK), 5);
    EXPECT_EQ(receive(pair[1], 100), "three");
    EXPECT_EQ(receive(pair[1], 1, MSG_DONTWAIT),
              "errno " + std::to_string(EAGAIN));
  }
}

TEST(UnixSocket, DatagramsAreLimited) {
  Pair pair(SOCK_DGRAM);
  int count = 0;
  while (send(pair[0], "x", 1, MSG_DONTWAIT) == 1 && count < 10'000) ++count;
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GE(count, 10);
  EXPECT_EQ(events(pair[0]) & POLLOUT, 0);
  std::vector<char> huge(1 << 20);
  EXPECT_EQ(send(pair[0], huge.data(), huge.size(), MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EMSGSIZE);
}

TEST(UnixSocket, Options) {
  Pair pair(SOCK_SEQPACKET);
  EXPECT_EQ(option(pair[0], SO_TYPE), SOCK_SEQPACKET);
  EXPECT_EQ(option(pair[0], SO_DOMAIN), AF_UNIX);
  EXPECT_EQ(option(pair[0], SO_ERROR), 0);
  EXPECT_GT(option(pair[0], SO_SNDBUF), 0);
  const int size = 10'000;
  EXPECT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
  EXPECT_EQ(option(pair[0], SO_RCVBUF), 2 * size);
  struct timeval time{0, 20'000};
  EXPECT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)),
            0);
  EXPECT_EQ(receive(pair[0], 5), "errno " + std::to_string(EAGAIN));
  int value;
  socklen_t bytes = sizeof(value);
  EXPECT_EQ(getsockopt(pair[0], SOL_SOCKET, 9999, &value, &bytes), -1);
  EXPECT_EQ(errno, ENOPROTOOPT);
}

TEST(UnixSocket, OptionsThatAreKept) {
  Pair pair(SOCK_STREAM);
  for (const int option :
       {SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE,
        SO_PRIORITY, SO_RCVLOWAT}) {
    for (const int value : {1, option == SO_RCVLOWAT ? 5 : 0}) {
      EXPECT_EQ(setsockopt(pair[0], SOL_SOCKET, option, &value, sizeof(value)),
                0)
          << option;
      int now = -1;
      socklen_t bytes = sizeof(now);
      EXPECT_EQ(getsockopt(pair[0], SOL_SOCKET, option, &now, &bytes), 0)
          << option;
      EXPECT_EQ(now, value) << option;
    }
  }
  // SO_RCVLOWAT is 5 by now.
  std::string text(10, '\0');
  ASSERT_EQ(write(pair[1], "abc", 3), 3);
  const pid_t child = start_child([&] {
    sleep_ms(20);
    return write(pair[1], "de", 2) == 2 ? 0 : 1;
  });
  EXPECT_EQ(recv(pair[0], text.data(), 10, 0), 5);
  EXPECT_EQ(wait_for(child), 0);
  const linger set = {1, 7};
  ASSERT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &set, sizeof(set)), 0);
  linger got = {};
  socklen_t bytes = sizeof(got);
  ASSERT_EQ(getsockopt(pair[0], SOL_SOCKET, SO_LINGER, &got, &bytes), 0);
  EXPECT_EQ(got.l_onoff, 1);
  EXPECT_EQ(got.l_linger, 7);
  EXPECT_EQ(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &set, 4), -1);
  EXPECT_EQ(errno, EINVAL);
  int low = 0;
  bytes = sizeof(low);
  ASSERT_EQ(getsockopt(pair[0], SOL_SOCKET, SO_SNDLOWAT, &low, &bytes), 0);
  EXPECT_EQ(low, 1);
}

// Peers may send to each other what their buffers hold; who leaves loses what
// it has not received.
TEST(UnixSocket, DatagramPeers) {
  Pair pair(SOCK_DGRAM);
  int sent = 0;
  while (sent < 2000 && send(pair[0], "x", 1, MSG_DONTWAIT) == 1) ++sent;
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GT(sent, 100);
  EXPECT_LT(sent, 2000);
  ASSERT_EQ(send(pair[1], "y", 1, 0), 1);
  pair.close_end(1);
  EXPECT_EQ(send(pair[0], "x", 1, 0), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  char c;
  EXPECT_EQ(recv(pair[0], &c, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(UnixSocket, Errors) {
  EXPECT_EQ(socket(AF_UNIX, 77, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(socket(AF_UNIX, SOCK_STREAM, 7), -1);
  EXPECT_EQ(errno, EPROTONOSUPPORT);
  EXPECT_EQ(socket(999, SOCK_STREAM, 0), -1);
  EXPECT_EQ(errno, EAFNOSUPPORT);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  struct sockaddr_un name = {};
  socklen_t bytes = sizeof(name);
  EXPECT_EQ(
      getpeername(ends[0], reinterpret_cast<struct sockaddr*>(&name), &bytes),
      -1);
  EXPECT_EQ(errno, ENOTSOCK);
  EXPECT_EQ(send(ends[1], "x", 1, 0), -1);
  EXPECT_EQ(errno, ENOTSOCK);
  EXPECT_EQ(listen(1000, 1), -1);
  EXPECT_EQ(errno, EBADF);
  const int fresh = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(send(fresh, "x", 1, MSG_NOSIGNAL), -1);
  EXPECT_EQ(errno, ENOTCONN);
  char byte;
  EXPECT_EQ(recv(fresh, &byte, 1, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(listen(fresh, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(accept(fresh, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(
      getpeername(fresh, reinterpret_cast<struct sockaddr*>(&name), &bytes),
      -1);
  EXPECT_EQ(errno, ENOTCONN);
  const Address nobody = abstract_address(unique("nobody"));
  EXPECT_EQ(connect(fresh, nobody.get(), nobody.bytes), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  EXPECT_EQ(connect(fresh, nobody.get(), 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(lseek(fresh, 0, SEEK_SET), -1);
  EXPECT_EQ(errno, ESPIPE);
  struct stat stat;
  EXPECT_EQ(fstat(fresh, &stat), 0);
  EXPECT_TRUE(S_ISSOCK(stat.st_mode));
  close(fresh);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
