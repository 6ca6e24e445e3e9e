// What is told of files besides their contents: file systems, mounts, hints.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

int error_of(long result) { return result < 0 ? errno : 0; }

TEST(FileFacts, FileSystemsOfNamelessFiles) {
  const auto type_of = [](int fd) {
    struct statfs system = {};
    EXPECT_EQ(fstatfs(fd, &system), 0);
    close(fd);
    return static_cast<unsigned long>(system.f_type);
  };
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(type_of(ends[0]), 0x50495045u);
  close(ends[1]);
  EXPECT_EQ(type_of(socket(AF_UNIX, SOCK_STREAM, 0)), 0x534f434bu);
  EXPECT_EQ(type_of(memfd_create("x", 0)), 0x01021994u);
  EXPECT_EQ(type_of(eventfd(0, 0)), 0x09041934u);
  EXPECT_EQ(type_of(epoll_create1(0)), 0x09041934u);
  EXPECT_EQ(type_of(timerfd_create(CLOCK_MONOTONIC, 0)), 0x09041934u);
  EXPECT_EQ(type_of(inotify_init()), 0x09041934u);
}

TEST(FileFacts, Mounts) {
  struct statx root, proc;
  ASSERT_EQ(statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root), 0);
  ASSERT_EQ(statx(AT_FDCWD, "/proc/self", 0, STATX_MNT_ID, &proc), 0);
  EXPECT_NE(root.stx_mask & STATX_MNT_ID, 0u);
  EXPECT_NE(root.stx_mnt_id, proc.stx_mnt_id);
  // As /proc says.
  const int fd = open("/proc/self/status", O_RDONLY);
  FILE* info = fopen(("/proc/self/fdinfo/" + std::to_string(fd)).c_str(), "r");
  ASSERT_NE(info, nullptr);
  char line[100];
  unsigned long long id = 0;
  while (fgets(line, sizeof(line), info) != nullptr) {
    sscanf(line, "mnt_id: %llu", &id);
  }
  fclose(info);
  close(fd);
  EXPECT_EQ(id, proc.stx_mnt_id);
}

TEST(FileFacts, MountsArePolledForChanges) {
  const int fd = open("/proc/self/mounts", O_RDONLY);
  ASSERT_GE(fd, 0);
  pollfd ready = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  EXPECT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_EQ(ready.revents, POLLIN);
  close(fd);
}

TEST(FileFacts, ProcHasNoDirectoriesToRemove) {
  EXPECT_EQ(error_of(rmdir("/proc/self")), ENOTDIR);
  EXPECT_EQ(error_of(rmdir("/proc/self/fd")), EPERM);
  EXPECT_EQ(error_of(unlink("/proc/self/status")), EPERM);
}

TEST(FileFacts, WriteHints) {
  constexpr int kGet = 1035;
  constexpr int kSet = 1036;
  TemporaryDirectory directory;
  const int fd = open((directory / "f").c_str(), O_RDWR | O_CREAT, 0600);
  uint64_t hint = 9;
  ASSERT_EQ(fcntl(fd, kGet, &hint), 0);
  EXPECT_EQ(hint, 0u);
  for (const uint64_t wrong : {uint64_t{6}, ~uint64_t{0}}) {
    EXPECT_EQ(error_of(fcntl(fd, kSet, &wrong)), EINVAL);
  }
  hint = 3;
  EXPECT_EQ(fcntl(fd, kSet, &hint), 0);
  hint = 0;
  const int other = open((directory / "f").c_str(), O_RDONLY);
  EXPECT_EQ(fcntl(other, kGet, &hint), 0);
  EXPECT_EQ(hint, 3u);
  EXPECT_EQ(error_of(fcntl(fd, kGet, 8)), EFAULT);
  EXPECT_EQ(error_of(fcntl(fd, kSet, 8)), EFAULT);
  close(fd);
  close(other);
}

TEST(FileFacts, Ioctls) {
  constexpr unsigned long kGetEntropy = 0x80045200;
  const int random = open("/dev/urandom", O_RDONLY);
  int bits = -1;
  EXPECT_EQ(ioctl(random, kGetEntropy, &bits), 0);
  EXPECT_GE(bits, 0);
  close(random);
}

}  // namespace
}  // namespace tine::guest
