// sendmmsg and recvmmsg; addresses and control data that nobody reads.
// feature-map: 70
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/time.h"
#include "tests/guest/unix_socket.h"

namespace tine::guest {
namespace {

int error_of(long result) { return result < 0 ? errno : 0; }

// So many messages of a byte each.
struct Messages {
  explicit Messages(unsigned count)
      : bytes(count, '?'), pieces(count), all(count) {
    for (unsigned i = 0; i < count; ++i) {
      pieces[i] = {&bytes[i], 1};
      all[i] = {};
      all[i].msg_hdr.msg_iov = &pieces[i];
      all[i].msg_hdr.msg_iovlen = 1;
    }
  }
  unsigned count() const { return static_cast<unsigned>(all.size()); }
  std::string bytes;
  std::vector<iovec> pieces;
  std::vector<mmsghdr> all;
};

TEST(SocketMany, SendAndReceive) {
  Pair pair(SOCK_SEQPACKET);
  Messages sent(100), got(120);
  for (unsigned i = 0; i < 100; ++i) sent.bytes[i] = static_cast<char>(i);
  EXPECT_EQ(sendmmsg(pair[0], sent.all.data(), 100, 0), 100);
  EXPECT_EQ(sent.all[99].msg_len, 1u);
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 120, MSG_DONTWAIT, nullptr), 100);
  EXPECT_EQ(got.bytes.substr(0, 100), sent.bytes);
  EXPECT_EQ(
      error_of(recvmmsg(pair[1], got.all.data(), 2, MSG_DONTWAIT, nullptr)),
      EAGAIN);
}

TEST(SocketMany, AllAreWaitedFor) {
  Pair pair(SOCK_DGRAM);
  EXPECT_EQ(send(pair[0], "a", 1, 0), 1);
  const pid_t child = start_child([&] {
    sleep_ms(30);
    CHILD_CHECK(send(pair[0], "b", 1, 0) == 1);
    return 0;
  });
  Messages got(2);
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 2, 0, nullptr), 2);
  EXPECT_EQ(got.bytes, "ab");
  EXPECT_EQ(wait_for(child), 0);
}

TEST(SocketMany, WaitForOne) {
  Pair pair(SOCK_DGRAM);
  const pid_t child = start_child([&] {
    sleep_ms(30);
    CHILD_CHECK(send(pair[0], "b", 1, 0) == 1);
    return 0;
  });
  Messages got(2);
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 2, MSG_WAITFORONE, nullptr), 1);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(SocketMany, SignalEndsIt) {
  Pair pair(SOCK_DGRAM);
  struct sigaction action{};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, nullptr);
  const pid_t parent = getpid();
  EXPECT_EQ(send(pair[0], "a", 1, 0), 1);
  const pid_t child = start_child([&] {
    sleep_ms(30);
    return kill(parent, SIGUSR1);
  });
  Messages got(2);
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 2, 0, nullptr), 1);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(SocketMany, TimeLimit) {
  Pair pair(SOCK_DGRAM);
  Messages got(3);
  timespec limit = {0, 1'000'000'000};
  EXPECT_EQ(error_of(recvmmsg(pair[1], got.all.data(), 3, 0, &limit)), EINVAL);
  limit = {-1, 0};
  EXPECT_EQ(error_of(recvmmsg(pair[1], got.all.data(), 3, 0, &limit)), EINVAL);
  EXPECT_EQ(error_of(syscall(SYS_recvmmsg, pair[1], got.all.data(), 3, 0, 8)),
            EFAULT);
  // Looked at after each message.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(pair[0], "a", 1, 0), 1);
  limit = {0, 0};
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 3, 0, &limit), 1);
  limit = {100, 0};
  EXPECT_EQ(recvmmsg(pair[1], got.all.data(), 2, 0, &limit), 2);
  EXPECT_EQ(limit.tv_sec, 99);
}

TEST(SocketMany, Refusals) {
  Pair pair(SOCK_DGRAM);
  Messages one(1);
  EXPECT_EQ(error_of(sendmmsg(-1, one.all.data(), 1, 0)), EBADF);
  EXPECT_EQ(error_of(sendmmsg(pair[0], reinterpret_cast<mmsghdr*>(8), 1, 0)),
            EFAULT);
  EXPECT_EQ(sendmmsg(pair[0], one.all.data(), 0, 0), 0);
}

TEST(SocketMany, UnreadAddresses) {
  Pair pair(SOCK_STREAM);
  const char nonsense[200] = {1, 2, 3};
  const auto* address = reinterpret_cast<const sockaddr*>(nonsense);
  EXPECT_EQ(error_of(sendto(pair[0], "x", 1, 0, address, 20)), EISCONN);
  EXPECT_EQ(error_of(sendto(pair[0], "x", 1, 0, address, 129)), EINVAL);
  EXPECT_EQ(error_of(sendto(pair[0], "x", 1, 0,
                            reinterpret_cast<const sockaddr*>(8), 20)),
            EFAULT);
  const int alone = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(error_of(sendto(alone, "x", 1, 0, address, 20)), EOPNOTSUPP);
  close(alone);
  Pair packets(SOCK_SEQPACKET);
  EXPECT_EQ(sendto(packets[0], "x", 1, 0, address, 20), 1);
}

TEST(SocketMany, EndOfDatagrams) {
  Pair pair(SOCK_DGRAM);
  EXPECT_EQ(send(pair[0], "x", 1, 0), 1);
  ASSERT_EQ(shutdown(pair[1], SHUT_RD), 0);
  char byte;
  EXPECT_EQ(recv(pair[1], &byte, 1, 0), 1);
  // Only who would wait is told.
  EXPECT_EQ(error_of(recv(pair[1], &byte, 1, MSG_DONTWAIT)), EAGAIN);
  EXPECT_EQ(recv(pair[1], &byte, 1, 0), 0);
  EXPECT_EQ(read(pair[1], &byte, 1), 0);
}

TEST(SocketMany, ControlWithoutAddress) {
  Pair pair(SOCK_STREAM);
  char byte = 'x';
  iovec piece = {&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_controllen = 32;
  EXPECT_EQ(error_of(sendmsg(pair[0], &message, 0)), EFAULT);
}

}  // namespace
}  // namespace tine::guest
