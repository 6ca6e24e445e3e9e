// Device files: null, zero, full, urandom, and nodes made by mknod.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr size_t kBytes = 10'000;
// Where nothing is.
void* const kNowhere = reinterpret_cast<void*>(sysconf(_SC_PAGESIZE) / 512);

TEST(Device, Numbers) {
  struct {
    const char* path;
    unsigned major;
    unsigned minor;
  } const devices[] = {{"/dev/null", 1, 3},
                       {"/dev/zero", 1, 5},
                       {"/dev/full", 1, 7},
                       {"/dev/random", 1, 8},
                       {"/dev/urandom", 1, 9}};
  for (const auto& device : devices) {
    const struct stat status = stat_of(device.path);
    EXPECT_TRUE(S_ISCHR(status.st_mode)) << device.path;
    EXPECT_EQ(major(status.st_rdev), device.major) << device.path;
    EXPECT_EQ(minor(status.st_rdev), device.minor) << device.path;
    EXPECT_EQ(status.st_size, 0);
  }
}

TEST(Device, Null) {
  const int fd = open("/dev/null", O_RDWR | O_TRUNC | O_CREAT, 0600);
  ASSERT_GE(fd, 0);
  std::string text(kBytes, 'x');
  EXPECT_EQ(write(fd, text.data(), kBytes), static_cast<ssize_t>(kBytes));
  EXPECT_EQ(read(fd, text.data(), kBytes), 0);
  EXPECT_EQ(pwrite(fd, text.data(), 5, 1'000'000), 5);
  EXPECT_EQ(lseek(fd, 100, SEEK_SET), 0);
  EXPECT_EQ(lseek(fd, 0, SEEK_END), 0);
  // What is not read is never missed.
  EXPECT_EQ(write(fd, kNowhere, 10), 10);
  EXPECT_ERRNO(EINVAL, ftruncate(fd, 0));
  EXPECT_ERRNO(EINVAL, fsync(fd));
  EXPECT_ERRNO(ENODEV,
               mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED
                   ? -1
                   : 0);
  struct pollfd poll_fd = {fd, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
  EXPECT_EQ(poll_fd.revents, POLLIN | POLLOUT);
  close(fd);
}

TEST(Device, Zero) {
  const int fd = open("/dev/zero", O_RDWR);
  std::string text(kBytes, 'x');
  EXPECT_EQ(read(fd, text.data(), kBytes), static_cast<ssize_t>(kBytes));
  EXPECT_EQ(text, std::string(kBytes, '\0'));
  EXPECT_EQ(write(fd, text.data(), kBytes), static_cast<ssize_t>(kBytes));
  EXPECT_ERRNO(EFAULT, read(fd, kNowhere, 10));
  char* const own = static_cast<char*>(
      mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  ASSERT_NE(own, MAP_FAILED);
  EXPECT_EQ(own[5000], '\0');
  own[5000] = 'p';
  char* const shared = static_cast<char*>(
      mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_NE(shared, MAP_FAILED);
  EXPECT_EQ(run_child([&] {
              shared[1] = 's';
              own[1] = 'o';
              return own[5000] == 'p' ? 0 : 1;
            }),
            0);
  EXPECT_EQ(shared[1], 's');
  EXPECT_EQ(own[1], '\0');
  munmap(own, 8192);
  munmap(shared, 8192);
  close(fd);
}

TEST(Device, Full) {
  const int fd = open("/dev/full", O_RDWR);
  char text[8] = "xxxxxxx";
  EXPECT_EQ(read(fd, text, sizeof(text)), 8);
  EXPECT_EQ(std::memcmp(text, "\0\0\0\0\0\0\0\0", 8), 0);
  EXPECT_ERRNO(ENOSPC, write(fd, text, 1));
  EXPECT_ERRNO(ENOSPC, pwrite(fd, text, 1, 5));
  close(fd);
}

TEST(Device, Random) {
  for (const char* path : {"/dev/urandom", "/dev/random"}) {
    const int fd = open(path, O_RDWR);
    ASSERT_GE(fd, 0) << path;
    std::string one(64, '\0');
    std::string two(64, '\0');
    EXPECT_EQ(read(fd, one.data(), 64), 64);
    EXPECT_EQ(read(fd, two.data(), 64), 64);
    EXPECT_NE(one, two);
    EXPECT_EQ(write(fd, one.data(), 64), 64);
    // A child's are others.
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    EXPECT_EQ(run_child([&] {
                CHILD_CHECK(read(fd, two.data(), 64) == 64);
                return write(ends[1], two.data(), 64) == 64 ? 0 : 1;
              }),
              0);
    EXPECT_EQ(read(fd, one.data(), 64), 64);
    EXPECT_EQ(read(ends[0], two.data(), 64), 64);
    EXPECT_NE(one, two);
    close(ends[0]);
    close(ends[1]);
    close(fd);
  }
}

TEST(Device, MadeByMknod) {
  const TemporaryDirectory directory;
  const std::string path = directory / "node";
  if (mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 5)) != 0) {
    GTEST_SKIP() << "no right to make devices";
  }
  const struct stat status = stat_of(path);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  EXPECT_EQ(status.st_rdev, makedev(1, 5));
  const int fd = open(path.c_str(), O_RDONLY);
  if (fd < 0 && errno == EACCES) GTEST_SKIP() << "a mount without devices";
  ASSERT_GE(fd, 0);
  char byte = 'x';
  EXPECT_EQ(read(fd, &byte, 1), 1);
  EXPECT_EQ(byte, '\0');
  close(fd);
  EXPECT_ERRNO(EEXIST, mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 3)));
  // Numbers that nobody answers to.
  const std::string none = directory / "none";
  ASSERT_EQ(mknod(none.c_str(), S_IFCHR | 0666, makedev(250, 77)), 0);
  EXPECT_EQ(stat_of(none).st_rdev, makedev(250, 77));
  EXPECT_ERRNO(ENXIO, open(none.c_str(), O_RDONLY));
  const std::string block = directory / "block";
  ASSERT_EQ(mknod(block.c_str(), S_IFBLK | 0666, makedev(250, 300)), 0);
  EXPECT_TRUE(S_ISBLK(stat_of(block).st_mode));
  EXPECT_EQ(stat_of(block).st_rdev, makedev(250, 300));
  EXPECT_ERRNO(ENXIO, open(block.c_str(), O_RDONLY));
}

TEST(Device, MknodErrors) {
  const TemporaryDirectory directory;
  const std::string path = directory / "node";
  EXPECT_ERRNO(EPERM, mknod(path.c_str(), S_IFDIR | 0700, 0));
  EXPECT_ERRNO(EINVAL, mknod(path.c_str(), S_IFLNK | 0700, 0));
  EXPECT_ERRNO(EINVAL, mknod(path.c_str(), 0030000 | 0700, 0));
  EXPECT_EQ(mknod(path.c_str(), S_IFREG | 0600, 0), 0);
  EXPECT_ERRNO(EEXIST, mknod(path.c_str(), S_IFIFO | 0600, 0));
  EXPECT_ERRNO(ENOTDIR, mknod((path + "/x").c_str(), S_IFIFO | 0600, 0));
  // A socket's node is not for open.
  ASSERT_EQ(mknod((directory / "s").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_ERRNO(ENXIO, open((directory / "s").c_str(), O_RDWR));
}

}  // namespace
}  // namespace tine::guest
