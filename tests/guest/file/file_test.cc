// Files of the root file system, read: the test reads its own executable, the
// one file that is sure to be there. Descriptors across fork.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/own_path.h"

namespace tine::guest {
namespace {

using Bytes = std::vector<char>;

Bytes read_from(int fd, size_t most) {
  Bytes bytes(most);
  const ssize_t got = read(fd, bytes.data(), most);
  bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return bytes;
}

TEST(File, ReadsInOrderToTheEnd) {
  const int fd = open(own_path().c_str(), O_RDONLY);
  ASSERT_GE(fd, 0);
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  off_t total = 0;
  for (;;) {
    const Bytes bytes = read_from(fd, 100'001);
    if (total == 0) {
      ASSERT_GE(bytes.size(), 4U);
      EXPECT_EQ(memcmp(bytes.data(),
                       "\x7f"
                       "ELF",
                       4),
                0);
    }
    if (bytes.empty()) break;
    total += static_cast<off_t>(bytes.size());
  }
  EXPECT_EQ(total, status.st_size);
  EXPECT_EQ(read_from(fd, 1), Bytes{});
  EXPECT_EQ(close(fd), 0);
}

TEST(File, SmallAndLargeReadsGiveTheSame) {
  const int small = open(own_path().c_str(), O_RDONLY);
  const int large = open(own_path().c_str(), O_RDONLY);
  const Bytes all = read_from(large, 20'000);
  ASSERT_EQ(all.size(), 20'000U);
  Bytes pieces;
  for (size_t size = 1; pieces.size() < all.size(); size = size * 3 % 997) {
    const Bytes piece =
        read_from(small, std::min(size, all.size() - pieces.size()));
    ASSERT_FALSE(piece.empty());
    pieces.insert(pieces.end(), piece.begin(), piece.end());
  }
  EXPECT_TRUE(pieces == all);
  close(small);
  close(large);
}

TEST(File, Seeks) {
  const int fd = open(own_path().c_str(), O_RDONLY);
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  const Bytes start = read_from(fd, 64);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 64);
  EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
  EXPECT_EQ(read_from(fd, 3), Bytes({'E', 'L', 'F'}));
  EXPECT_EQ(lseek(fd, -4, SEEK_CUR), 0);
  EXPECT_TRUE(read_from(fd, 64) == start);
  EXPECT_EQ(lseek(fd, -1, SEEK_END), status.st_size - 1);
  EXPECT_EQ(read_from(fd, 10).size(), 1U);
  EXPECT_EQ(lseek(fd, 100, SEEK_END), status.st_size + 100);
  EXPECT_EQ(read_from(fd, 10), Bytes{});
  EXPECT_EQ(lseek(fd, -1, SEEK_SET), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(lseek(fd, 0, 99), -1);
  EXPECT_EQ(errno, EINVAL);
  close(fd);
}

TEST(File, StatusByPathAndDescriptorAgree) {
  const int fd = open(own_path().c_str(), O_RDONLY);
  struct stat by_fd;
  struct stat by_path;
  ASSERT_EQ(fstat(fd, &by_fd), 0);
  ASSERT_EQ(stat(own_path().c_str(), &by_path), 0);
  EXPECT_EQ(by_fd.st_ino, by_path.st_ino);
  EXPECT_EQ(by_fd.st_size, by_path.st_size);
  EXPECT_EQ(by_fd.st_mode, by_path.st_mode);
  EXPECT_TRUE(S_ISREG(by_fd.st_mode));
  EXPECT_EQ(by_fd.st_mode & 0111U, 0111U);
  EXPECT_GE(by_fd.st_nlink, 1U);
  close(fd);
  ASSERT_EQ(stat("/", &by_path), 0);
  EXPECT_TRUE(S_ISDIR(by_path.st_mode));
  ASSERT_EQ(stat("/dev/null", &by_path), 0);
  EXPECT_TRUE(S_ISCHR(by_path.st_mode));
  EXPECT_EQ(by_path.st_rdev, dev_t{0x103});  // 1:3.
}

TEST(File, PathsAreResolved) {
  struct stat plain;
  ASSERT_EQ(stat("/dev/null", &plain), 0);
  for (const char* const path :
       {"//dev///null", "/dev/./null", "/dev/../dev/null", "/../dev/null"}) {
    struct stat status;
    ASSERT_EQ(stat(path, &status), 0) << path;
    EXPECT_EQ(status.st_ino, plain.st_ino) << path;
  }
}

TEST(File, DescriptorsAreTheLowestFree) {
  const int first = open("/dev/null", O_RDONLY);
  const int second = open("/dev/null", O_RDONLY);
  EXPECT_EQ(second, first + 1);
  close(first);
  EXPECT_EQ(open("/dev/null", O_RDONLY), first);
  close(first);
  close(second);
}

TEST(File, NullDevice) {
  const int fd = open("/dev/null", O_RDWR);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(write(fd, "abc", 3), 3);
  EXPECT_EQ(read_from(fd, 10), Bytes{});
  close(fd);
}

TEST(File, AForkSharesTheOffset) {
  const int fd = open(own_path().c_str(), O_RDONLY);
  const Bytes expected = read_from(fd, 30);
  lseek(fd, 0, SEEK_SET);
  EXPECT_TRUE(read_from(fd, 10) == Bytes(&expected[0], &expected[10]));
  EXPECT_EQ(
      run_child([&] {
        CHILD_CHECK(read_from(fd, 10) == Bytes(&expected[10], &expected[20]));
        CHILD_CHECK(close(fd) == 0);
        return 0;
      }),
      0);
  EXPECT_TRUE(read_from(fd, 10) == Bytes(&expected[20], &expected[29] + 1));
  EXPECT_EQ(run_child([&] { return lseek(fd, 5, SEEK_SET) == 5 ? 0 : 1; }), 0);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
  close(fd);
}

TEST(File, ADescriptorOpenedAfterAForkIsPrivate) {
  Bytes byte(1);
  const int would_be = open("/dev/null", O_RDONLY);
  close(would_be);
  EXPECT_EQ(run_child([&] {
              return open("/dev/null", O_RDONLY) == would_be ? 0 : 1;
            }),
            0);
  EXPECT_EQ(read(would_be, byte.data(), 1), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST(FileErrors, BadDescriptors) {
  std::array<char, 1> byte;
  struct stat status;
  for (const int fd : {-1, 500, 1 << 30, INT32_MIN}) {
    SCOPED_TRACE(fd);
    EXPECT_EQ(raw_syscall(SYS_close, fd), -EBADF);
    EXPECT_EQ(raw_syscall(SYS_read, fd, reinterpret_cast<long>(&byte), 1),
              -EBADF);
    EXPECT_EQ(raw_syscall(SYS_write, fd, reinterpret_cast<long>(&byte), 1),
              -EBADF);
    EXPECT_EQ(raw_syscall(SYS_lseek, fd, 0, SEEK_SET), -EBADF);
    EXPECT_EQ(fstat(fd, &status), -1);
    EXPECT_EQ(errno, EBADF);
  }
}

TEST(FileErrors, WrongDirectionOfAccess) {
  std::array<char, 1> byte = {};
  const int reader = open(own_path().c_str(), O_RDONLY);
  EXPECT_EQ(write(reader, byte.data(), 1), -1);
  EXPECT_EQ(errno, EBADF);
  close(reader);
  const int writer = open("/dev/null", O_WRONLY);
  EXPECT_EQ(read(writer, byte.data(), 1), -1);
  EXPECT_EQ(errno, EBADF);
  close(writer);
}

TEST(FileErrors, Paths) {
  const auto expect = [](int error, const std::string& path) {
    EXPECT_EQ(open(path.c_str(), O_RDONLY), -1) << path;
    EXPECT_EQ(errno, error) << path;
    struct stat status;
    EXPECT_EQ(stat(path.c_str(), &status), -1) << path;
    EXPECT_EQ(errno, error) << path;
  };
  expect(ENOENT, "");
  expect(ENOENT, "/nowhere");
  expect(ENOENT, "/nowhere/deeper");
  expect(ENOTDIR, own_path() + "/below");
  expect(ENOTDIR, own_path() + "/");
  expect(ENOTDIR, "/dev/null/below");
  expect(ENAMETOOLONG, "/" + std::string(256, 'n'));
  expect(ENAMETOOLONG, "/" + std::string(5000, '/'));
}

TEST(FileErrors, Directories) {
  std::array<char, 1> byte;
  EXPECT_EQ(open("/", O_WRONLY), -1);
  EXPECT_EQ(errno, EISDIR);
  EXPECT_EQ(open(own_path().c_str(), O_RDONLY | O_DIRECTORY), -1);
  EXPECT_EQ(errno, ENOTDIR);
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  ASSERT_GE(root, 0);
  EXPECT_EQ(read(root, byte.data(), 1), -1);
  EXPECT_EQ(errno, EISDIR);
  // Relative paths start at the directory given.
  const int null = openat(root, "dev/null", O_RDONLY);
  EXPECT_GE(null, 0);
  close(null);
  EXPECT_EQ(openat(-1, "dev/null", O_RDONLY), -1);
  EXPECT_EQ(errno, EBADF);
  const int fd = open(own_path().c_str(), O_RDONLY);
  EXPECT_EQ(openat(fd, "x", O_RDONLY), -1);
  EXPECT_EQ(errno, ENOTDIR);
  close(fd);
  close(root);
}

TEST(FileErrors, WritingARunningProgram) {
  EXPECT_EQ(open(own_path().c_str(), O_WRONLY), -1);
  // Or, before that is looked at, by the file system or the file's mode.
  EXPECT_TRUE(errno == ETXTBSY || errno == EROFS || errno == EACCES) << errno;
}

TEST(FileErrors, ReadlinkOfWhatIsNoLink) {
  std::array<char, 64> target;
  EXPECT_EQ(readlink("/dev/null", target.data(), target.size()), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(readlink("/nowhere", target.data(), target.size()), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST(FileErrors, TooManyDescriptors) {
  EXPECT_EQ(
      run_child([] {
        int count = 0;
        int fd;
        while ((fd = open("/dev/null", O_RDONLY)) >= 0 && count < 2'000'000) {
          ++count;
        }
        CHILD_CHECK(fd == -1 && errno == EMFILE);
        CHILD_CHECK(count >= 16);
        CHILD_CHECK(close(3) == 0);
        CHILD_CHECK(open("/dev/null", O_RDONLY) == 3);
        return 0;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
