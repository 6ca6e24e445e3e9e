// What sockets of AF_UNIX carry beside bytes: files and credentials.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/unix_socket.h"

namespace tine::guest {
namespace {

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

}  // namespace
}  // namespace tine::guest
