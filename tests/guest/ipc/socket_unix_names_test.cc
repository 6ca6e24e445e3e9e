// Sockets of AF_UNIX that others find by name.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"
#include "tests/guest/time.h"
#include "tests/guest/unix_socket.h"

namespace tine::guest {
namespace {

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
    sleep_ms(10);
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

TEST(UnixSocket, NamesThatAreTaken) {
  TemporaryDirectory directory;
  ASSERT_EQ(chdir(directory.path().c_str()), 0);  // a name has 107 bytes
  const Address path = path_address("socket");
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, path.get(), path.bytes), 0);
  // What is there is looked at before what the socket has.
  EXPECT_EQ(bind(fd, path.get(), path.bytes), -1);
  EXPECT_EQ(errno, EADDRINUSE);
  const Address other = path_address("other");
  EXPECT_EQ(bind(fd, other.get(), other.bytes), -1);
  EXPECT_EQ(errno, EINVAL);
  close(fd);
  // Abstract names are of a type of sockets.
  const Address name = abstract_address(unique("types"));
  const int stream = socket(AF_UNIX, SOCK_STREAM, 0);
  const int datagrams = socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(bind(stream, name.get(), name.bytes), 0);
  EXPECT_EQ(connect(datagrams, name.get(), name.bytes), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
  EXPECT_EQ(bind(datagrams, name.get(), name.bytes), 0);
  EXPECT_EQ(connect(datagrams, name.get(), name.bytes), 0);
  close(stream);
  close(datagrams);
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

}  // namespace
}  // namespace tine::guest
