// Sockets of AF_UNIX.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

void pause_ms(long ms) {
  struct timespec time{0, ms * 1'000'000};
  nanosleep(&time, nullptr);
}

struct Address {
  struct sockaddr_un name = {};
  socklen_t bytes = 0;
  const struct sockaddr* get() const {
    return reinterpret_cast<const struct sockaddr*>(&name);
  }
};

Address path_address(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  memcpy(address.name.sun_path, path.data(), path.size());
  address.bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

Address abstract_address(const std::string& name) {
  Address address;
  address.name.sun_family = AF_UNIX;
  memcpy(address.name.sun_path + 1, name.data(), name.size());
  address.bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

std::string unique(const char* what) {
  return std::string(what) + "." + std::to_string(getpid());
}

struct Pair {
  int fds[2] = {-1, -1};
  explicit Pair(int type) { EXPECT_EQ(socketpair(AF_UNIX, type, 0, fds), 0); }
  ~Pair() {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (fds[end] >= 0) close(fds[end]);
    fds[end] = -1;
  }
  int operator[](int end) const { return fds[end]; }
};

std::string receive(int fd, size_t most, int flags = 0) {
  std::string text(most, '?');
  const ssize_t got = recv(fd, text.data(), most, flags);
  if (got < 0) return "errno " + std::to_string(errno);
  text.resize(static_cast<size_t>(got) < most ? static_cast<size_t>(got)
                                              : most);
  return text;
}

short events(int fd) {
  struct pollfd poll_fd = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  EXPECT_GE(poll(&poll_fd, 1, 0), 0);
  return poll_fd.revents;
}

int option(int fd, int name) {
  int value = -1;
  socklen_t bytes = sizeof(value);
  EXPECT_EQ(getsockopt(fd, SOL_SOCKET, name, &value, &bytes), 0);
  return value;
}

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
      pause_ms(3);
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

TEST(UnixSocket, ConnectionsByAbstractName) {
  const Address address = abstract_address(unique("listener"));
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, address.get(), address.bytes), 0);
  const int early = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(events(early), POLLOUT | POLLHUP);
  EXPECT_EQ(connect(early, address.get(), address.bytes), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  ASSERT_EQ(listen(listener, 5), 0);
  EXPECT_EQ(option(listener, SO_ACCEPTCONN), 1);
  EXPECT_EQ(connect(early, address.get(), address.bytes), 0);
  EXPECT_EQ(connect(early, address.get(), address.bytes), -1);
  EXPECT_EQ(errno, EISCONN);
  EXPECT_EQ(events(listener), POLLIN);
  EXPECT_EQ(write(early, "early", 5), 5);
  const int second = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(bind(second, address.get(), address.bytes), -1);
  EXPECT_EQ(errno, EADDRINUSE);
  const int served = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
  ASSERT_GE(served, 0);
  EXPECT_EQ(fcntl(served, F_GETFL), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(receive(served, 10), "early");
  struct sockaddr_un name = {};
  socklen_t bytes = sizeof(name);
  EXPECT_EQ(
      getpeername(early, reinterpret_cast<struct sockaddr*>(&name), &bytes), 0);
  EXPECT_EQ(bytes, address.bytes);
  EXPECT_EQ(memcmp(&name, &address.name, bytes), 0);
  bytes = sizeof(name);
  EXPECT_EQ(
      getpeername(served, reinterpret_cast<struct sockaddr*>(&name), &bytes),
      0);
  EXPECT_EQ(bytes, sizeof(sa_family_t));
  struct ucred who = {};
  bytes = sizeof(who);
  EXPECT_EQ(getsockopt(served, SOL_SOCKET, SO_PEERCRED, &who, &bytes), 0);
  EXPECT_EQ(who.pid, getpid());
  EXPECT_EQ(who.uid, geteuid());
  const pid_t child = start_child([&] {
    pause_ms(10);
    return connect(second, address.get(), address.bytes) == 0 ? 0 : 1;
  });
  const int waited = accept(listener, nullptr, nullptr);
  EXPECT_GE(waited, 0);
  EXPECT_EQ(wait_for(child), 0);
  for (const int fd : {listener, early, second, served, waited}) close(fd);
}

TEST(UnixSocket, PathNames) {
  const TemporaryDirectory directory;
  ASSERT_EQ(chdir(directory.path().c_str()), 0);
  const std::string path = "socket";
  const Address address = path_address(path);
  const int client = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(connect(client, address.get(), address.bytes), -1);
  EXPECT_EQ(errno, ENOENT);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(listener, address.get(), address.bytes), 0) << errno;
  struct stat stat;
  ASSERT_EQ(lstat(path.c_str(), &stat), 0);
  EXPECT_TRUE(S_ISSOCK(stat.st_mode));
  EXPECT_EQ(open(path.c_str(), O_RDWR), -1);
  EXPECT_EQ(errno, ENXIO);
  ASSERT_EQ(listen(listener, 1), 0);
  EXPECT_EQ(connect(client, address.get(), address.bytes), 0);
  struct sockaddr_un name = {};
  socklen_t bytes = sizeof(name);
  const int served =
      accept(listener, reinterpret_cast<struct sockaddr*>(&name), &bytes);
  EXPECT_GE(served, 0);
  EXPECT_EQ(bytes, sizeof(sa_family_t));
  bytes = sizeof(name);
  EXPECT_EQ(
      getsockname(served, reinterpret_cast<struct sockaddr*>(&name), &bytes),
      0);
  EXPECT_EQ(std::string(name.sun_path), path);
  close(listener);
  const int late = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(connect(late, address.get(), address.bytes), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  EXPECT_EQ(unlink(path.c_str()), 0);
  for (const int fd : {client, served, late}) close(fd);
  ASSERT_EQ(chdir("/"), 0);
}

TEST(UnixSocket, DatagramsByName) {
  const Address a = abstract_address(unique("datagram a"));
  const Address b = abstract_address(unique("datagram b"));
  const int first = socket(AF_UNIX, SOCK_DGRAM, 0);
  const int second = socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(bind(first, a.get(), a.bytes), 0);
  ASSERT_EQ(bind(second, b.get(), b.bytes), 0);
  EXPECT_EQ(sendto(first, "hi", 2, 0, b.get(), b.bytes), 2);
  char text[10];
  struct sockaddr_un name = {};
  socklen_t bytes = sizeof(name);
  EXPECT_EQ(recvfrom(second, text, sizeof(text), 0,
                     reinterpret_cast<struct sockaddr*>(&name), &bytes),
            2);
  EXPECT_EQ(bytes, a.bytes);
  EXPECT_EQ(memcmp(&name, &a.name, bytes), 0);
  EXPECT_EQ(send(first, "x", 1, 0), -1);
  EXPECT_EQ(errno, ENOTCONN);
  EXPECT_EQ(connect(first, b.get(), b.bytes), 0);
  EXPECT_EQ(send(first, "x", 1, 0), 1);
  close(second);
  EXPECT_EQ(send(first, "x", 1, 0), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  EXPECT_EQ(sendto(first, "x", 1, 0, b.get(), b.bytes), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  close(first);
}

struct Passed {
  char text[16] = {};
  ssize_t bytes = -1;
  std::vector<int> files;
  struct ucred who = {};
  bool has_credentials = false;
  int flags = 0;
};

Passed receive_with_files(int fd, size_t room, int flags = 0) {
  Passed passed;
  alignas(struct cmsghdr) char control[256];
  struct iovec vector = {passed.text, sizeof(passed.text)};
  struct msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = room;
  passed.bytes = recvmsg(fd, &message, flags);
  passed.flags = message.msg_flags;
  for (struct cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_type == SCM_RIGHTS) {
      const size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int one;
        memcpy(&one, CMSG_DATA(head) + i * sizeof(int), sizeof(one));
        passed.files.push_back(one);
      }
    } else if (head->cmsg_type == SCM_CREDENTIALS) {
      memcpy(&passed.who, CMSG_DATA(head), sizeof(passed.who));
      passed.has_credentials = true;
    }
  }
  return passed;
}

ssize_t send_with_files(int fd, const char* text,
                        const std::vector<int>& files) {
  alignas(struct cmsghdr) char control[256] = {};
  struct iovec vector = {const_cast<char*>(text), strlen(text)};
  struct msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
  struct cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
  memcpy(CMSG_DATA(head), files.data(), files.size() * sizeof(int));
  return sendmsg(fd, &message, 0);
}

TEST(UnixSocket, FilesArePassed) {
  Pair pair(SOCK_STREAM);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  EXPECT_EQ(send_with_files(pair[0], "take", {pipe_ends[0], pipe_ends[1]}), 4);
  EXPECT_EQ(write(pair[0], "more", 4), 4);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  Passed passed = receive_with_files(pair[1], 256, MSG_CMSG_CLOEXEC);
  // What comes without files is not mixed with what comes with them.
  EXPECT_EQ(std::string(passed.text, 4), "take");
  EXPECT_EQ(passed.bytes, 4);
  ASSERT_EQ(passed.files.size(), 2u);
  EXPECT_EQ(fcntl(passed.files[0], F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(write(passed.files[1], "through", 7), 7);
  char text[10];
  EXPECT_EQ(read(passed.files[0], text, sizeof(text)), 7);
  close(passed.files[1]);
  EXPECT_EQ(read(passed.files[0], text, sizeof(text)), 0);
  close(passed.files[0]);
  EXPECT_EQ(receive(pair[1], 10), "more");
}

TEST(UnixSocket, FilesNobodyTakesAreClosed) {
  Pair pair(SOCK_DGRAM);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  // Not looked at, without room, never received.
  EXPECT_EQ(send_with_files(pair[0], "a", {pipe_ends[1]}), 1);
  EXPECT_EQ(send_with_files(pair[0], "b", {pipe_ends[1]}), 1);
  EXPECT_EQ(send_with_files(pair[0], "c", {pipe_ends[1]}), 1);
  close(pipe_ends[1]);
  EXPECT_EQ(receive(pair[1], 10), "a");
  const Passed passed = receive_with_files(pair[1], CMSG_LEN(0));
  EXPECT_TRUE(passed.files.empty());
  EXPECT_EQ(passed.flags & MSG_CTRUNC, MSG_CTRUNC);
  pair.close_end(1);
  char byte;
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), 0);
  close(pipe_ends[0]);
  Pair other(SOCK_STREAM);
  EXPECT_EQ(send_with_files(other[0], "x", {1000}), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST(UnixSocket, CredentialsArePassed) {
  Pair pair(SOCK_STREAM);
  const int on = 1;
  ASSERT_EQ(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
  EXPECT_EQ(option(pair[1], SO_PASSCRED), 1);
  const pid_t child =
      start_child([&] { return write(pair[0], "me", 2) == 2 ? 0 : 1; });
  const Passed passed = receive_with_files(pair[1], 256);
  EXPECT_EQ(passed.bytes, 2);
  ASSERT_TRUE(passed.has_credentials);
  EXPECT_EQ(passed.who.pid, child);
  EXPECT_EQ(passed.who.uid, geteuid());
  EXPECT_EQ(passed.who.gid, getegid());
  EXPECT_EQ(wait_for(child), 0);
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
