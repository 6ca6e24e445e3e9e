// Files in memory: the test maps its own executable, which is sure to be there.
// feature-map: 127
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/own_path.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

size_t page_round_up(size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

class FileMapping : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = open(own_path().c_str(), O_RDONLY);
    ASSERT_GE(fd_, 0);
    struct stat status;
    ASSERT_EQ(fstat(fd_, &status), 0);
    bytes_ = static_cast<size_t>(status.st_size);
    contents_.resize(3 * kPage);
    ASSERT_EQ(pread(fd_, contents_.data(), contents_.size(), 0),
              static_cast<ssize_t>(contents_.size()));
  }
  void TearDown() override { close(fd_); }

  char* map(size_t bytes, int prot, int flags, off_t offset = 0) {
    void* const at = mmap(nullptr, bytes, prot, flags, fd_, offset);
    return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
  }

  int fd_ = -1;
  size_t bytes_ = 0;
  std::vector<char> contents_;
};

TEST_F(FileMapping, HasTheFilesBytes) {
  for (const int flags : {MAP_PRIVATE, MAP_SHARED, MAP_SHARED_VALIDATE}) {
    const char* const at = map(contents_.size(), PROT_READ, flags);
    ASSERT_NE(at, nullptr) << flags;
    EXPECT_EQ(memcmp(at, contents_.data(), contents_.size()), 0);
  }
  const char* const second = map(kPage, PROT_READ, MAP_PRIVATE, kPage);
  ASSERT_NE(second, nullptr);
  close(fd_);  // The mapping stays.
  EXPECT_EQ(memcmp(second, contents_.data() + kPage, kPage), 0);
}

TEST_F(FileMapping, PrivateWritesAreTheWritersOwn) {
  char* const at = map(kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  const char* const other = map(kPage, PROT_READ, MAP_SHARED);
  ASSERT_TRUE(at != nullptr && other != nullptr);
  at[100] = static_cast<char>(~contents_[100]);
  EXPECT_EQ(other[100], contents_[100]);
  EXPECT_EQ(run_child([&] {
              at[200] = static_cast<char>(~contents_[200]);
              return at[100] == contents_[100] ? 1 : 0;
            }),
            0);
  EXPECT_EQ(at[200], contents_[200]);
  ASSERT_EQ(madvise(at, kPage, MADV_DONTNEED), 0);
  EXPECT_EQ(at[100], contents_[100]) << "the file's again";
}

TEST_F(FileMapping, EndsWithZerosAndThenWithSigbus) {
  const size_t last = page_round_up(bytes_);
  const char* const at = map(last + kPage, PROT_READ, MAP_PRIVATE);
  ASSERT_NE(at, nullptr);
  EXPECT_TRUE(
      std::all_of(at + bytes_, at + last, [](char c) { return c == 0; }));
  EXPECT_EQ(
      run_child([&] { return *static_cast<const volatile char*>(at + last); }),
      -SIGBUS);
  EXPECT_EQ(pread(fd_, const_cast<char*>(at + last), 1, 0), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(FileMapping, SharedOnesOfReadOnlyFilesStayReadOnly) {
  EXPECT_EQ(map(kPage, PROT_READ | PROT_WRITE, MAP_SHARED), nullptr);
  EXPECT_EQ(errno, EACCES);
  char* const at = map(kPage, PROT_READ, MAP_SHARED);
  ASSERT_NE(at, nullptr);
  EXPECT_EQ(mprotect(at, kPage, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(errno, EACCES);
  EXPECT_EQ(run_child([&] { return at[0] = 1; }), -SIGSEGV);
}

TEST_F(FileMapping, Errors) {
  const auto error = [&](size_t bytes, int flags, int fd, off_t offset) {
    errno = 0;
    return mmap(nullptr, bytes, PROT_READ, flags, fd, offset) == MAP_FAILED
               ? errno
               : 0;
  };
  EXPECT_EQ(error(kPage, MAP_PRIVATE, -1, 0), EBADF);
  EXPECT_EQ(error(0, MAP_PRIVATE, -1, 0), EBADF);
  EXPECT_EQ(error(0, MAP_PRIVATE, fd_, 0), EINVAL);
  EXPECT_EQ(error(kPage, 0, fd_, 0), EINVAL);
  EXPECT_EQ(error(kPage, MAP_PRIVATE, fd_, 1), EINVAL);
  EXPECT_EQ(error(2 * kPage, MAP_PRIVATE, fd_, 0x7fff'ffff'ffff'f000),
            EOVERFLOW);
  EXPECT_EQ(error(kPage, MAP_SHARED_VALIDATE | 0x20'0000, fd_, 0), EOPNOTSUPP);
  const int directory = open("/", O_RDONLY);
  const int path = open(own_path().c_str(), O_PATH);
  const int null = open("/dev/null", O_RDWR);
  EXPECT_EQ(error(kPage, MAP_PRIVATE, directory, 0), ENODEV);
  EXPECT_EQ(error(kPage, MAP_PRIVATE, path, 0), EBADF);
  EXPECT_EQ(error(kPage, MAP_PRIVATE, null, 0), ENODEV);
  for (const int fd : {directory, path, null}) close(fd);
}

TEST_F(FileMapping, OfDevZeroIsFreshMemory) {
  const int zero = open("/dev/zero", O_RDWR);
  ASSERT_GE(zero, 0);
  for (const int flags : {MAP_PRIVATE, MAP_SHARED}) {
    void* const at =
        mmap(nullptr, kPage, PROT_READ | PROT_WRITE, flags, zero, 0);
    ASSERT_NE(at, MAP_FAILED);
    char* const bytes = static_cast<char*>(at);
    EXPECT_EQ(bytes[17], 0);
    EXPECT_EQ(run_child([&] { return bytes[17] = 5; }), 5);
    EXPECT_EQ(bytes[17], flags == MAP_SHARED ? 5 : 0);
  }
  close(zero);
}

}  // namespace
}  // namespace tine::guest
