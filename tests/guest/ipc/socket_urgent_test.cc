// Urgent bytes (MSG_OOB) on streams of AF_UNIX.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "tests/guest/signals.h"
#include "tests/guest/unix_socket.h"

namespace tine::guest {
namespace {

int error_of(long result) { return result < 0 ? errno : 0; }
bool is_at_mark(int fd) {
  int at = -1;
  EXPECT_EQ(ioctl(fd, SIOCATMARK, &at), 0);
  return at == 1;
}
bool has_priority(int fd) {
  pollfd ready = {fd, POLLPRI, 0};
  return poll(&ready, 1, 0) == 1 && (ready.revents & POLLPRI) != 0;
}

TEST(SocketUrgent, IsReadApart) {
  Pair pair(SOCK_STREAM);
  EXPECT_FALSE(has_priority(pair[1]));
  EXPECT_EQ(send(pair[0], "hello", 5, MSG_OOB), 5);
  EXPECT_TRUE(has_priority(pair[1]));
  EXPECT_FALSE(is_at_mark(pair[1]));
  EXPECT_EQ(receive(pair[1], 10, MSG_OOB | MSG_PEEK), "o");
  char byte;
  iovec piece = {&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  EXPECT_EQ(recvmsg(pair[1], &message, MSG_OOB), 1);
  EXPECT_EQ(byte, 'o');
  EXPECT_EQ(message.msg_flags & MSG_OOB, MSG_OOB);
  EXPECT_FALSE(has_priority(pair[1]));
  EXPECT_EQ(receive(pair[1], 10, MSG_OOB), "errno " + std::to_string(EINVAL));
  EXPECT_EQ(receive(pair[1], 10), "hell");
}

TEST(SocketUrgent, EndsWhatComesBefore) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(send(pair[0], "ab!", 3, MSG_OOB), 3);
  EXPECT_EQ(send(pair[0], "cd", 2, 0), 2);
  EXPECT_EQ(receive(pair[1], 10), "ab");
  EXPECT_TRUE(is_at_mark(pair[1]));
  // Who does not ask for it loses it.
  EXPECT_EQ(receive(pair[1], 10), "cd");
  EXPECT_FALSE(is_at_mark(pair[1]));
  EXPECT_EQ(receive(pair[1], 10, MSG_OOB), "errno " + std::to_string(EINVAL));
}

TEST(SocketUrgent, AloneIsNothingToRead) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(send(pair[0], "!", 1, MSG_OOB), 1);
  EXPECT_TRUE(is_at_mark(pair[1]));
  EXPECT_EQ(receive(pair[1], 10, MSG_DONTWAIT),
            "errno " + std::to_string(EAGAIN));
}

TEST(SocketUrgent, TheLastIsTheUrgentOne) {
  Pair pair(SOCK_STREAM);
  EXPECT_EQ(send(pair[0], "a", 1, MSG_OOB), 1);
  EXPECT_EQ(send(pair[0], "b", 1, MSG_OOB), 1);
  EXPECT_EQ(receive(pair[1], 10, MSG_OOB), "b");
  EXPECT_EQ(receive(pair[1], 10), "a");
}

TEST(SocketUrgent, InLine) {
  Pair pair(SOCK_STREAM);
  const int on = 1;
  ASSERT_EQ(setsockopt(pair[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)), 0);
  EXPECT_EQ(send(pair[0], "ab!", 3, MSG_OOB), 3);
  EXPECT_EQ(receive(pair[1], 10, MSG_OOB), "errno " + std::to_string(EINVAL));
  EXPECT_EQ(receive(pair[1], 10), "ab");
  EXPECT_TRUE(is_at_mark(pair[1]));
  EXPECT_EQ(receive(pair[1], 10), "!");
}

TEST(SocketUrgent, SignalsTheOwner) {
  Pair pair(SOCK_STREAM);
  noted = {};
  handle(SIGURG, note);
  EXPECT_EQ(send(pair[0], "!", 1, MSG_OOB), 1);
  EXPECT_EQ(noted.count, 0);
  ASSERT_EQ(fcntl(pair[1], F_SETOWN, getpid()), 0);
  EXPECT_EQ(send(pair[0], "!", 1, MSG_OOB), 1);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.signal, SIGURG);
  set_action(SIGURG, SIG_DFL);
}

TEST(SocketUrgent, Refusals) {
  Pair stream(SOCK_STREAM);
  Pair datagrams(SOCK_DGRAM);
  EXPECT_EQ(error_of(send(stream[0], "", 0, MSG_OOB)), EOPNOTSUPP);
  EXPECT_EQ(receive(stream[0], 1, MSG_OOB), "errno " + std::to_string(EINVAL));
  EXPECT_EQ(error_of(send(datagrams[0], "x", 1, MSG_OOB)), EOPNOTSUPP);
  EXPECT_EQ(receive(datagrams[0], 1, MSG_OOB),
            "errno " + std::to_string(EOPNOTSUPP));
  const int alone = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(error_of(send(alone, "x", 1, MSG_OOB)), ENOTCONN);
  EXPECT_EQ(receive(alone, 1, MSG_OOB), "errno " + std::to_string(EINVAL));
  close(alone);
  // The end comes first.
  stream.close_end(1);
  EXPECT_EQ(error_of(send(stream[0], "x", 1, MSG_OOB | MSG_NOSIGNAL)), EPIPE);
}

}  // namespace
}  // namespace tine::guest
