// memfd_create: files without names, and seals.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

TEST(Memfd, IsAFile) {
  const int fd = memfd_create("a name", MFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
  struct stat stat;
  ASSERT_EQ(fstat(fd, &stat), 0);
  EXPECT_TRUE(S_ISREG(stat.st_mode));
  EXPECT_EQ(stat.st_size, 0);
  EXPECT_EQ(pwrite(fd, "hello", 5, 10'000), 5);
  ASSERT_EQ(fstat(fd, &stat), 0);
  EXPECT_EQ(stat.st_size, 10'005);
  char text[5];
  EXPECT_EQ(pread(fd, text, 5, 9'998), 5);
  EXPECT_EQ(std::string(text, 5), std::string("\0\0hel", 5));
  EXPECT_EQ(ftruncate(fd, 3), 0);
  EXPECT_EQ(lseek(fd, 0, SEEK_END), 3);
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), -1);
  EXPECT_EQ(errno, EPERM);
  close(fd);
}

// Two processes and two mappings see the same bytes.
TEST(Memfd, IsSharedMemory) {
  const int fd = memfd_create("shared", 0);
  ASSERT_EQ(ftruncate(fd, 2 * kPage), 0);
  char* const at = static_cast<char*>(
      mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(run_child([&] {
              strcpy(at + kPage, "from the child");
              CHILD_CHECK(pwrite(fd, "written", 7, 0) == 7);
              return 0;
            }),
            0);
  EXPECT_STREQ(at + kPage, "from the child");
  EXPECT_EQ(std::string(at, 7), "written");
  char text[5];
  EXPECT_EQ(pread(fd, text, 4, kPage), 4);
  EXPECT_EQ(std::string(text, 4), "from");
  munmap(at, 2 * kPage);
  close(fd);
}

TEST(Memfd, Seals) {
  const int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
  ASSERT_EQ(write(fd, "12345", 5), 5);
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
  EXPECT_EQ(ftruncate(fd, 2), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(ftruncate(fd, 6), 0);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
  EXPECT_EQ(ftruncate(fd, 7), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(pwrite(fd, "x", 1, 6), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_EQ(pwrite(fd, "y", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
            MAP_FAILED);
  EXPECT_EQ(errno, EPERM);
  char* const at = static_cast<char*>(
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(at[0], 'x');
  munmap(at, kPage);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
  EXPECT_EQ(fcntl(fd, F_GET_SEALS),
            F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), -1);
  EXPECT_EQ(errno, EPERM);
  close(fd);
}

TEST(Memfd, SealsAndMappings) {
  const int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  void* const shared =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ASSERT_NE(shared, MAP_FAILED);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
  EXPECT_EQ(errno, EBUSY);
  // Protection does not help, it may change.
  ASSERT_EQ(mprotect(shared, kPage, PROT_READ), 0);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
  EXPECT_EQ(errno, EBUSY);
  EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
  ASSERT_EQ(munmap(shared, kPage), 0);
  void* const own =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW), 0);
  munmap(own, kPage);
  EXPECT_EQ(fallocate(fd, 0, 0, 2 * kPage), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage),
            -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(fallocate(fd, 0, 0, kPage), 0);
  close(fd);
}

TEST(Memfd, Errors) {
  EXPECT_EQ(memfd_create("x", 0x8000), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(memfd_create(std::string(250, 'n').c_str(), 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(memfd_create(reinterpret_cast<const char*>(16), 0), -1);
  EXPECT_EQ(errno, EFAULT);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(fcntl(ends[0], F_GET_SEALS), -1);
  EXPECT_EQ(errno, EINVAL);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
