// Pipes and sockets have no name, but an inode: its mode, owners and times
// change through a descriptor or /proc/self/fd as those of any file.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace tine::guest {
namespace {

struct Ends {
  int fd[2] = {-1, -1};
  ~Ends() {
    close(fd[0]);
    close(fd[1]);
  }
};

void expect_attributes_change(int fd, mode_t type) {
  EXPECT_EQ(fchmod(fd, 0640), 0);
  uid_t uid = 1234;
  gid_t gid = 5678;
  // A sandbox may know no other users: EINVAL.
  if (fchown(fd, uid, gid) != 0 && (geteuid() != 0 || errno == EINVAL)) {
    uid = geteuid();
    gid = getegid();
    EXPECT_EQ(fchown(fd, uid, gid), 0);
  }
  const timespec times[2] = {{5, 6}, {7, 8}};
  EXPECT_EQ(futimens(fd, times), 0);
  struct stat stat;
  ASSERT_EQ(fstat(fd, &stat), 0);
  EXPECT_EQ(stat.st_mode, type | 0640);
  EXPECT_EQ(stat.st_uid, uid);
  EXPECT_EQ(stat.st_gid, gid);
  EXPECT_EQ(stat.st_atim.tv_sec, 5);
  EXPECT_EQ(stat.st_mtim.tv_sec, 7);
  EXPECT_EQ(stat.st_mtim.tv_nsec, 8);
}

TEST(NamelessFile, PipeHasAttributes) {
  Ends pipes;
  ASSERT_EQ(pipe(pipes.fd), 0);
  expect_attributes_change(pipes.fd[0], S_IFIFO);
  // Both ends are one inode.
  struct stat stat;
  ASSERT_EQ(fstat(pipes.fd[1], &stat), 0);
  EXPECT_EQ(stat.st_mode, S_IFIFO | mode_t{0640});
}

TEST(NamelessFile, SocketHasAttributes) {
  Ends sockets;
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.fd), 0);
  expect_attributes_change(sockets.fd[0], S_IFSOCK);
}

TEST(NamelessFile, ByItsPathInProc) {
  Ends pipes;
  ASSERT_EQ(pipe(pipes.fd), 0);
  const std::string path = "/proc/self/fd/" + std::to_string(pipes.fd[0]);
  EXPECT_EQ(chmod(path.c_str(), 0600), 0);
  struct stat stat;
  ASSERT_EQ(fstat(pipes.fd[0], &stat), 0);
  EXPECT_EQ(stat.st_mode, S_IFIFO | mode_t{0600});
  EXPECT_EQ(fchownat(pipes.fd[0], "", geteuid(), getegid(), AT_EMPTY_PATH), 0);
}

// One inode stands for all of them: newer kernels refuse to change it.
TEST(NamelessFile, EventCounterIsRefusedOrChanged) {
  const int fd = eventfd(0, 0);
  ASSERT_GE(fd, 0);
  const int result = fchmod(fd, 0600);
  EXPECT_TRUE(result == 0 || errno == EOPNOTSUPP) << errno;
  close(fd);
}

}  // namespace
}  // namespace tine::guest
