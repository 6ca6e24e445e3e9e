// Sizes of files: cutting, extending, holes, limits, what mappings see.
// feature-map: 116
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr off_t kPage = 4096;

class Truncate : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = open(path().c_str(), O_RDWR | O_CREAT, 0644);
    ASSERT_GE(fd_, 0);
  }
  void TearDown() override { close(fd_); }
  std::string path() const { return directory_ / "file"; }
  off_t size() const {
    struct stat status;
    EXPECT_EQ(fstat(fd_, &status), 0);
    return status.st_size;
  }
  void fill(off_t bytes) {
    const std::string text(static_cast<size_t>(bytes), 'x');
    ASSERT_EQ(pwrite(fd_, text.data(), text.size(), 0), bytes);
  }
  TemporaryDirectory directory_;
  int fd_ = -1;
};

TEST_F(Truncate, CutsAndExtends) {
  fill(3 * kPage);
  ASSERT_EQ(ftruncate(fd_, kPage + 10), 0);
  EXPECT_EQ(size(), kPage + 10);
  ASSERT_EQ(truncate(path().c_str(), 2 * kPage), 0);
  const std::string text = get_file(path());
  ASSERT_EQ(text.size(), static_cast<size_t>(2 * kPage));
  EXPECT_EQ(text.substr(0, kPage + 10), std::string(kPage + 10, 'x'));
  EXPECT_EQ(text.substr(kPage + 10), std::string(kPage - 10, '\0'));
  ASSERT_EQ(truncate(path().c_str(), 0), 0);
  EXPECT_EQ(get_file(path()), "");
}

// The position does not move, and what is written there leaves a hole before.
TEST_F(Truncate, PositionsStay) {
  ASSERT_EQ(write(fd_, "abcdef", 6), 6);
  ASSERT_EQ(ftruncate(fd_, 2), 0);
  EXPECT_EQ(lseek(fd_, 0, SEEK_CUR), 6);
  char byte;
  EXPECT_EQ(read(fd_, &byte, 1), 0);
  ASSERT_EQ(write(fd_, "g", 1), 1);
  EXPECT_EQ(get_file(path()), std::string("ab\0\0\0\0g", 7));
}

TEST_F(Truncate, Errors) {
  EXPECT_ERRNO(EINVAL, ftruncate(fd_, -1));
  EXPECT_ERRNO(EINVAL, truncate(path().c_str(), -1));
  EXPECT_ERRNO(EBADF, ftruncate(-1, 0));
  EXPECT_ERRNO(EISDIR, truncate(directory_.path().c_str(), 0));
  const int reader = open(path().c_str(), O_RDONLY);
  EXPECT_ERRNO(EINVAL, ftruncate(reader, 0));
  close(reader);
  const int directory = open(directory_.path().c_str(), O_RDONLY);
  EXPECT_ERRNO(EINVAL, ftruncate(directory, 0));
  close(directory);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_ERRNO(EINVAL, ftruncate(ends[1], 0));
  close(ends[0]);
  close(ends[1]);
  ASSERT_EQ(mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  EXPECT_ERRNO(EINVAL, truncate((directory_ / "fifo").c_str(), 0));
  EXPECT_ERRNO(EINVAL, truncate("/dev/null", 0));
}

TEST_F(Truncate, Limits) {
  fill(100);
  const auto with_limit = [&](bool ignores) {
    return run_child([&] {
      const rlimit limit = {200, 200};
      CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
      if (ignores) signal(SIGXFSZ, SIG_IGN);
      CHILD_CHECK(ftruncate(fd_, 200) == 0);
      std::string text(150, 'y');
      // As much as there is room for, then nothing.
      CHILD_CHECK(pwrite(fd_, text.data(), text.size(), 100) == 100);
      CHILD_CHECK(pwrite(fd_, text.data(), 10, 195) == 5);
      CHILD_CHECK(pwrite(fd_, text.data(), 0, 300) == 0);
      CHILD_CHECK(ignores || ftruncate(fd_, 100) == 0);
      CHILD_CHECK(pwrite(fd_, text.data(), 1, 200) == -1 && errno == EFBIG);
      CHILD_CHECK(ftruncate(fd_, 201) == -1 && errno == EFBIG);
      CHILD_CHECK(truncate(path().c_str(), 1000) == -1 && errno == EFBIG);
      CHILD_CHECK(posix_fallocate(fd_, 0, 300) == EFBIG);
      return 7;
    });
  };
  EXPECT_EQ(with_limit(false), -SIGXFSZ);
  EXPECT_EQ(with_limit(true), 7);
  // A child has it, too; devices and pipes have no size.
  EXPECT_EQ(
      run_child([&] {
        const rlimit limit = {0, RLIM_INFINITY};
        CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        signal(SIGXFSZ, SIG_IGN);
        CHILD_CHECK(run_child([&] {
                      return pwrite(fd_, "x", 1, 0) == -1 && errno == EFBIG ? 3
                                                                            : 4;
                    }) == 3);
        int ends[2];
        CHILD_CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
        const int null = open("/dev/null", O_WRONLY);
        CHILD_CHECK(write(null, "x", 1) == 1);
        return 0;
      }),
      0);
}

// What is cut off is gone from mappings, and what comes in its place is zeros.
TEST_F(Truncate, Mappings) {
  fill(2 * kPage);
  char* const at = static_cast<char*>(
      mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0));
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(at[kPage], 'x');
  ASSERT_EQ(ftruncate(fd_, 100), 0);
  EXPECT_EQ(run_child([&] { return at[kPage]; }), -SIGBUS);
  EXPECT_EQ(run_child([&] {
              at[kPage] = 'y';
              return 0;
            }),
            -SIGBUS);
  EXPECT_EQ(at[99], 'x');
  EXPECT_EQ(at[100], '\0');
  ASSERT_EQ(ftruncate(fd_, 2 * kPage), 0);
  EXPECT_EQ(at[kPage], '\0');
  EXPECT_EQ(at[100], '\0');
  munmap(at, 2 * kPage);
}

TEST_F(Truncate, APrivateCopyOfWhatIsCutOffIsGone) {
  fill(2 * kPage);
  char* const at = static_cast<char*>(
      mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd_, 0));
  ASSERT_NE(at, MAP_FAILED);
  at[kPage] = 'p';
  ASSERT_EQ(ftruncate(fd_, kPage), 0);
  EXPECT_EQ(run_child([&] { return at[kPage]; }), -SIGBUS);
  munmap(at, 2 * kPage);
}

TEST_F(Truncate, Holes) {
  ASSERT_EQ(ftruncate(fd_, 64 * kPage), 0);
  struct stat status;
  ASSERT_EQ(fstat(fd_, &status), 0);
  EXPECT_EQ(status.st_blocks, 0);
  EXPECT_ERRNO(ENXIO, lseek(fd_, 0, SEEK_DATA));
  EXPECT_EQ(lseek(fd_, 5, SEEK_HOLE), 5);
  ASSERT_EQ(pwrite(fd_, "a", 1, 16 * kPage), 1);
  ASSERT_EQ(pwrite(fd_, "b", 1, 17 * kPage + 5), 1);
  ASSERT_EQ(pwrite(fd_, "c", 1, 40 * kPage), 1);
  EXPECT_EQ(lseek(fd_, 0, SEEK_DATA), 16 * kPage);
  EXPECT_EQ(lseek(fd_, 16 * kPage + 7, SEEK_DATA), 16 * kPage + 7);
  EXPECT_EQ(lseek(fd_, 16 * kPage, SEEK_HOLE), 18 * kPage);
  EXPECT_EQ(lseek(fd_, 18 * kPage, SEEK_DATA), 40 * kPage);
  EXPECT_EQ(lseek(fd_, 40 * kPage, SEEK_HOLE), 41 * kPage);
  EXPECT_ERRNO(ENXIO, lseek(fd_, 41 * kPage, SEEK_DATA));
  EXPECT_ERRNO(ENXIO, lseek(fd_, 64 * kPage, SEEK_HOLE));
  EXPECT_ERRNO(ENXIO, lseek(fd_, 64 * kPage, SEEK_DATA));
  EXPECT_ERRNO(ENXIO, lseek(fd_, -1, SEEK_DATA));
  // At the end of the file there is always one.
  ASSERT_EQ(ftruncate(fd_, 40 * kPage + 3), 0);
  EXPECT_EQ(lseek(fd_, 40 * kPage, SEEK_HOLE), 40 * kPage + 3);
}

TEST_F(Truncate, Allocated) {
  ASSERT_EQ(fallocate(fd_, 0, 0, 4 * kPage), 0);
  EXPECT_EQ(size(), 4 * kPage);
  struct stat status;
  ASSERT_EQ(fstat(fd_, &status), 0);
  EXPECT_GE(status.st_blocks, 4 * kPage / 512);
  ASSERT_EQ(fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, 8 * kPage), 0);
  EXPECT_EQ(size(), 4 * kPage);
  fill(4 * kPage);
  ASSERT_EQ(fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      kPage + 10, kPage),
            0);
  const std::string text = get_file(path());
  EXPECT_EQ(text[kPage + 9], 'x');
  EXPECT_EQ(text.substr(kPage + 10, kPage), std::string(kPage, '\0'));
  EXPECT_EQ(text[2 * kPage + 10], 'x');
  EXPECT_ERRNO(EINVAL, fallocate(fd_, 0, -1, 10));
  EXPECT_ERRNO(EINVAL, fallocate(fd_, 0, 0, 0));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd_, FALLOC_FL_PUNCH_HOLE, 0, 10));
  EXPECT_ERRNO(EBADF, fallocate(-1, 0, 0, 10));
  EXPECT_ERRNO(EFBIG, fallocate(fd_, 0, INT64_MAX - 5, 10));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_ERRNO(ESPIPE, fallocate(ends[1], 0, 0, 10));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
