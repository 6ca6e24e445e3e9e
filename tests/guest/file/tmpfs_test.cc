// Files that are made, written, read, extended and removed.
// feature-map: 116
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
const char* self;  // This program's path.

std::string pattern(size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>(1 + (i * 7 + i / kPage) % 255);
  }
  return text;
}

TEST(Tmpfs, WhatIsWrittenIsRead) {
  const TemporaryDirectory directory;
  for (const size_t bytes : {size_t{0}, size_t{1}, kPage - 1, kPage, kPage + 1,
                             3 * kPage + 17, size_t{200'000}}) {
    SCOPED_TRACE(bytes);
    const std::string path = directory / std::to_string(bytes);
    ASSERT_TRUE(put_file(path, pattern(bytes)));
    EXPECT_EQ(get_file(path), pattern(bytes));
    EXPECT_EQ(stat_of(path).st_size, static_cast<off_t>(bytes));
  }
}

TEST(Tmpfs, WritesInTheMiddleAndBehindTheEnd) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(put_file(path, pattern(2 * kPage)));
  const int fd = open(path.c_str(), O_RDWR);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(pwrite(fd, "middle", 6, kPage - 3), 6);
  EXPECT_EQ(pwrite(fd, "end", 3, 5 * kPage), 3);
  std::string expected = pattern(2 * kPage);
  expected.replace(kPage - 3, 6, "middle");
  expected += std::string(3 * kPage, '\0') + "end";
  EXPECT_EQ(get_file(path), expected);
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
  EXPECT_EQ(lseek(fd, 0, SEEK_END), static_cast<off_t>(expected.size()));
  close(fd);
}

TEST(Tmpfs, ASparseFileTakesNoRoom) {
  const TemporaryDirectory directory;
  const std::string path = directory / "sparse";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0644);
  constexpr off_t kFar = off_t{1} << 33;
  EXPECT_EQ(pwrite(fd, "x", 1, kFar), 1);
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_size, kFar + 1);
  EXPECT_LE(status.st_blocks, 16);
  std::string bytes(3 * kPage, 'a');
  EXPECT_EQ(pread(fd, bytes.data(), bytes.size(), kFar / 2 + 5),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(bytes, std::string(3 * kPage, '\0'));
  EXPECT_EQ(pread(fd, bytes.data(), bytes.size(), kFar - 2), 3);
  EXPECT_EQ(bytes.substr(0, 3), std::string("\0\0x", 3));
  close(fd);
}

TEST(Tmpfs, Append) {
  const TemporaryDirectory directory;
  const std::string path = directory / "log";
  const int one = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int two = open(path.c_str(), O_WRONLY | O_APPEND);
  EXPECT_EQ(write(one, "ab", 2), 2);
  EXPECT_EQ(write(two, "cd", 2), 2);
  EXPECT_EQ(lseek(one, 0, SEEK_SET), 0);
  EXPECT_EQ(write(one, "ef", 2), 2);
  EXPECT_EQ(lseek(one, 0, SEEK_CUR), 6);
  // Linux appends here, too, whatever the offset.
  EXPECT_EQ(pwrite(two, "gh", 2, 0), 2);
  EXPECT_EQ(get_file(path), "abcdefgh");
  close(one);
  close(two);
}

TEST(Tmpfs, VectorsAreOneWrite) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0644);
  char first[] = "one ";
  char second[] = "two";
  const iovec pieces[] = {{first, 4}, {nullptr, 0}, {second, 3}};
  EXPECT_EQ(writev(fd, pieces, 3), 7);
  EXPECT_EQ(pwritev(fd, pieces, 3, 10), 7);
  EXPECT_EQ(get_file(path), "one two" + std::string(3, '\0') + "one two");
  close(fd);
}

TEST(Tmpfs, AnUnlinkedFileLivesAsLongAsItIsOpenOrMapped) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(put_file(path, pattern(2 * kPage)));
  int fd = open(path.c_str(), O_RDWR);
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_ERRNO(ENOENT, access(path.c_str(), F_OK));
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_EQ(pwrite(fd, "more", 4, 2 * kPage), 4);
  void* at = mmap(nullptr, 3 * kPage, PROT_READ, MAP_SHARED, fd, 0);
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(std::memcmp(at, pattern(2 * kPage).data(), 2 * kPage), 0);
  EXPECT_EQ(std::memcmp(static_cast<char*>(at) + 2 * kPage, "more", 4), 0);
  EXPECT_EQ(munmap(at, 3 * kPage), 0);
  // Its name is free for another.
  ASSERT_TRUE(put_file(path, "new"));
  EXPECT_EQ(get_file(path), "new");
}

TEST(Tmpfs, MappingsAndWritesSeeEachOther) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(put_file(path, pattern(2 * kPage)));
  const int fd = open(path.c_str(), O_RDWR);
  char* at = static_cast<char*>(
      mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(pwrite(fd, "written", 7, 100), 7);
  EXPECT_EQ(std::memcmp(at + 100, "written", 7), 0);
  std::memcpy(at + kPage, "stored", 6);
  std::string read_back(6, ' ');
  EXPECT_EQ(pread(fd, read_back.data(), 6, kPage), 6);
  EXPECT_EQ(read_back, "stored");
  // What is written behind the end is in the mapping, once it is there.
  EXPECT_EQ(pwrite(fd, "grown", 5, 3 * kPage), 5);
  EXPECT_EQ(std::memcmp(at + 3 * kPage, "grown", 5), 0);
  EXPECT_EQ(at[2 * kPage + 7], '\0');
  EXPECT_EQ(run_child([&] {
              std::memcpy(at, "child", 5);
              return 0;
            }),
            0);
  EXPECT_EQ(get_file(path).substr(0, 5), "child");
  // A private mapping keeps what it has changed to itself.
  char* own = static_cast<char*>(
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  std::memcpy(own, "mine", 4);
  EXPECT_EQ(get_file(path).substr(0, 5), "child");
  munmap(own, kPage);
  munmap(at, 4 * kPage);
  close(fd);
}

TEST(Tmpfs, BehindTheEndOfAMappedFileIsSigbus) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(put_file(path, pattern(3 * kPage)));
  const int fd = open(path.c_str(), O_RDWR);
  volatile char* at = static_cast<char*>(
      mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  EXPECT_EQ(at[2 * kPage], pattern(3 * kPage)[2 * kPage]);
  ASSERT_EQ(ftruncate(fd, kPage + 10), 0);
  EXPECT_EQ(at[kPage + 9], pattern(3 * kPage)[kPage + 9]);
  EXPECT_EQ(at[kPage + 10], '\0');
  EXPECT_EQ(run_child([&] { return at[2 * kPage]; }), -SIGBUS);
  ASSERT_EQ(ftruncate(fd, 3 * kPage), 0);
  EXPECT_EQ(at[2 * kPage], '\0');
  munmap(const_cast<char*>(at), 3 * kPage);
  close(fd);
}

TEST(Tmpfs, AnEmptyFileThatIsMappedMayGrow) {
  const TemporaryDirectory directory;
  const int fd = open((directory / "file").c_str(), O_RDWR | O_CREAT, 0600);
  char* at = static_cast<char*>(
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ASSERT_NE(at, MAP_FAILED);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  std::memcpy(at, "late", 4);
  EXPECT_EQ(get_file(directory / "file").substr(0, 4), "late");
  munmap(at, kPage);
  close(fd);
}

TEST(Tmpfs, Fallocate) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(fallocate(fd, 0, 0, 4 * kPage), 0);
  EXPECT_EQ(stat_of(path).st_size, 4 * static_cast<off_t>(kPage));
  EXPECT_GE(stat_of(path).st_blocks, 32);
  ASSERT_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8 * kPage), 0);
  EXPECT_EQ(stat_of(path).st_size, 4 * static_cast<off_t>(kPage));
  const std::string text = pattern(4 * kPage);
  EXPECT_EQ(pwrite(fd, text.data(), text.size(), 0),
            static_cast<ssize_t>(text.size()));
  ASSERT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage / 2,
                      2 * kPage),
            0);
  std::string expected = text;
  expected.replace(kPage / 2, 2 * kPage, 2 * kPage, '\0');
  EXPECT_EQ(get_file(path), expected);
  EXPECT_ERRNO(EINVAL, fallocate(fd, 0, -1, 1));
  EXPECT_ERRNO(EINVAL, fallocate(fd, 0, 0, 0));
  EXPECT_ERRNO(EOPNOTSUPP, fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1));
  EXPECT_ERRNO(EFBIG, fallocate(fd, 0, INT64_MAX, 2));
  const int reader = open(path.c_str(), O_RDONLY);
  EXPECT_ERRNO(EBADF, fallocate(reader, 0, 0, 1));
  close(reader);
  close(fd);
}

TEST(Tmpfs, FilesWithoutAName) {
  const TemporaryDirectory directory;
  const int fd = open(directory.path().c_str(), O_TMPFILE | O_RDWR, 0600);
  if (fd < 0 && errno == EOPNOTSUPP) {
    GTEST_SKIP() << "this file system of the host has no O_TMPFILE";
  }
  ASSERT_GE(fd, 0);
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_EQ(write(fd, "text", 4), 4);
  EXPECT_ERRNO(EINVAL, open(directory.path().c_str(), O_TMPFILE | O_RDONLY));
  EXPECT_ERRNO(ENOTDIR, open(self, O_TMPFILE | O_RDWR, 0600));
  EXPECT_ERRNO(ENOENT,
               open((directory / "no").c_str(), O_TMPFILE | O_RDWR, 0600));
  close(fd);
}

TEST(Tmpfs, TheSizeLimitComesWithASignal) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const auto body = [&](bool ignores) {
    return run_child([&] {
      const rlimit limit = {1000, 1000};
      CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
      if (ignores) signal(SIGXFSZ, SIG_IGN);
      const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const std::string text(1500, 'x');
      CHILD_CHECK(write(fd, text.data(), text.size()) == 1000);
      CHILD_CHECK(ftruncate(fd, 500) == 0);
      CHILD_CHECK(ftruncate(fd, 1000) == 0);
      CHILD_CHECK(write(fd, "x", 1) == -1);  // The signal comes here.
      CHILD_CHECK(errno == EFBIG);
      CHILD_CHECK(ftruncate(fd, 1001) == -1 && errno == EFBIG);
      return 7;
    });
  };
  EXPECT_EQ(body(false), -SIGXFSZ);
  EXPECT_EQ(body(true), 7);
}

TEST(Tmpfs, AFileOpenForWritingCannotBeRun) {
  const TemporaryDirectory directory;
  const std::string path = directory / "program";
  ASSERT_TRUE(put_file(path, get_file(self), 0755));
  const auto run = [&] {
    return run_child([&] {
      execl(path.c_str(), path.c_str(), "--child", nullptr);
      return errno;
    });
  };
  EXPECT_EQ(run(), 42);
  const int writer = open(path.c_str(), O_WRONLY);
  EXPECT_EQ(run(), ETXTBSY);
  close(writer);
  EXPECT_EQ(run(), 42);
  // Nobody runs it any more: what it contains may change.
  ASSERT_TRUE(put_file(path, "#!/none\n", 0755));
  EXPECT_EQ(run(), ENOENT);
}

TEST(Tmpfs, AProgramMayBeReplacedAndRemovedWhileItRuns) {
  const TemporaryDirectory directory;
  const std::string path = directory / "program";
  ASSERT_TRUE(put_file(path, get_file(self), 0755));
  const std::string sign = directory / "sign";
  const pid_t child = start_child([&] {
    execl(path.c_str(), path.c_str(), "--wait", sign.c_str(), nullptr);
    return 1;
  });
  // It runs when the file is busy.
  int fd;
  while ((fd = open(path.c_str(), O_WRONLY)) >= 0) {
    close(fd);
    usleep(1000);
  }
  EXPECT_EQ(errno, ETXTBSY);
  EXPECT_ERRNO(ETXTBSY, open(path.c_str(), O_RDWR));
  EXPECT_ERRNO(ETXTBSY, open(path.c_str(), O_RDONLY | O_TRUNC));
  EXPECT_ERRNO(ETXTBSY, truncate(path.c_str(), 10));
  EXPECT_EQ(unlink(path.c_str()), 0);
  ASSERT_TRUE(put_file(path, "another"));
  ASSERT_TRUE(put_file(sign, ""));
  EXPECT_EQ(wait_for(child), 43);
}

TEST(Tmpfs, Statfs) {
  struct statfs status;
  const TemporaryDirectory directory;
  ASSERT_EQ(statfs(directory.path().c_str(), &status), 0);
  EXPECT_EQ(status.f_namelen, 255);
  EXPECT_EQ(status.f_bsize % 512, 0);
  EXPECT_GT(status.f_blocks, 0u);
  EXPECT_GE(status.f_blocks, status.f_bfree);
  EXPECT_ERRNO(ENOENT, statfs((directory / "no").c_str(), &status));
  EXPECT_ERRNO(EBADF, fstatfs(-1, &status));
}

TEST(Tmpfs, OffsetsBeyondAllFiles) {
  const TemporaryDirectory directory;
  const int fd = open((directory / "file").c_str(), O_RDWR | O_CREAT, 0600);
  EXPECT_ERRNO(EINVAL, pwrite(fd, "x", 1, -1));
  char byte;
  EXPECT_EQ(pread(fd, &byte, 1, int64_t{1} << 40), 0);
  EXPECT_ERRNO(EINVAL, ftruncate(fd, -1));
  close(fd);
}

}  // namespace
}  // namespace tine::guest

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--child") == 0) return 42;
  if (argc == 3 && std::strcmp(argv[1], "--wait") == 0) {
    while (access(argv[2], F_OK) != 0) usleep(1000);
    return 43;
  }
  tine::guest::self = argv[0];
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
