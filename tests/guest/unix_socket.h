// Sockets of AF_UNIX for tests: pairs, addresses, and what a socket says.
#ifndef TINE_TESTS_GUEST_UNIX_SOCKET_H_
#define TINE_TESTS_GUEST_UNIX_SOCKET_H_

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

namespace tine::guest {

struct Address {
  struct sockaddr_un name = {};
  socklen_t bytes = 0;
  const struct sockaddr* get() const {
    return reinterpret_cast<const struct sockaddr*>(&name);
  }
};

inline Address path_address(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  memcpy(address.name.sun_path, path.data(), path.size());
  address.bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

inline Address abstract_address(const std::string& name) {
  Address address;
  address.name.sun_family = AF_UNIX;
  memcpy(address.name.sun_path + 1, name.data(), name.size());
  address.bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return address;
}

inline std::string unique(const char* what) {
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

inline std::string receive(int fd, size_t most, int flags = 0) {
  std::string text(most, '?');
  const ssize_t got = recv(fd, text.data(), most, flags);
  if (got < 0) return "errno " + std::to_string(errno);
  text.resize(static_cast<size_t>(got) < most ? static_cast<size_t>(got)
                                              : most);
  return text;
}

inline short events(int fd) {
  struct pollfd poll_fd = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  EXPECT_GE(poll(&poll_fd, 1, 0), 0);
  return poll_fd.revents;
}

inline int option(int fd, int name) {
  int value = -1;
  socklen_t bytes = sizeof(value);
  EXPECT_EQ(getsockopt(fd, SOL_SOCKET, name, &value, &bytes), 0);
  return value;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_UNIX_SOCKET_H_
