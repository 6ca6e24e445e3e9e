// Times of files: what changes which, and calls that set them.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include <cerrno>
#include <ctime>
#include <functional>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr time_t kLongAgo = 1'000'000'000;
constexpr unsigned kAccess = 1;
constexpr unsigned kModify = 2;
constexpr unsigned kChange = 4;

bool operator==(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

class FileTimes : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(put_file(path("file"), "text"));
    ASSERT_EQ(mkdirat(at_, "dir", 0755), 0);
    ASSERT_TRUE(put_file(path("dir/inner"), "text"));
  }
  void TearDown() override { close(at_); }
  std::string path(const std::string& name) const { return directory_ / name; }
  // Which times of the file `body` changed. The access time is made old enough
  // for a mount that keeps only some.
  unsigned changed(const std::string& name, const std::function<bool()>& body) {
    const timespec old[2] = {{kLongAgo, 5}, {kLongAgo, 7}};
    EXPECT_EQ(utimensat(at_, name.c_str(), old, AT_SYMLINK_NOFOLLOW), 0);
    const struct stat before = stat_of(path(name));
    usleep(15'000);
    EXPECT_TRUE(body()) << errno;
    const struct stat after = stat_of(path(name));
    return (after.st_atim == before.st_atim ? 0 : kAccess) |
           (after.st_mtim == before.st_mtim ? 0 : kModify) |
           (after.st_ctim == before.st_ctim ? 0 : kChange);
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(FileTimes, OfContents) {
  const int fd = open(path("file").c_str(), O_RDWR);
  char text[4];
  EXPECT_EQ(changed("file", [&] { return pread(fd, text, 4, 0) == 4; }),
            kAccess);
  EXPECT_EQ(changed("file", [&] { return pwrite(fd, text, 4, 0) == 4; }),
            kModify | kChange);
  EXPECT_EQ(changed("file", [&] { return pwrite(fd, text, 0, 0) == 0; }), 0u);
  EXPECT_EQ(changed("file", [&] { return ftruncate(fd, 2) == 0; }),
            kModify | kChange);
  EXPECT_EQ(
      changed("file", [&] { return truncate(path("file").c_str(), 9) == 0; }),
      kModify | kChange);
  EXPECT_EQ(changed("file",
                    [&] {
                      return close(open(path("file").c_str(),
                                        O_WRONLY | O_TRUNC)) == 0;
                    }),
            kModify | kChange);
  EXPECT_EQ(
      changed("file",
              [&] { return close(open(path("file").c_str(), O_RDWR)) == 0; }),
      0u);
  close(fd);
}

TEST_F(FileTimes, WithoutAccessTimes) {
  const int fd = open(path("file").c_str(), O_RDONLY | O_NOATIME);
  ASSERT_GE(fd, 0);
  char text[4];
  EXPECT_EQ(changed("file", [&] { return pread(fd, text, 4, 0) == 4; }), 0u);
  close(fd);
}

TEST_F(FileTimes, OfAttributes) {
  const std::string file = path("file");
  EXPECT_EQ(changed("file", [&] { return chmod(file.c_str(), 0600) == 0; }),
            kChange);
  EXPECT_EQ(
      changed("file",
              [&] { return chown(file.c_str(), geteuid(), getegid()) == 0; }),
      kChange);
  EXPECT_EQ(
      changed("file",
              [&] { return link(file.c_str(), path("link").c_str()) == 0; }),
      kChange);
  EXPECT_EQ(changed("file", [&] { return unlink(path("link").c_str()) == 0; }),
            kChange);
  EXPECT_EQ(changed("file",
                    [&] {
                      return rename(file.c_str(), path("new").c_str()) == 0 &&
                             rename(path("new").c_str(), file.c_str()) == 0;
                    }),
            kChange);
}

TEST_F(FileTimes, OfDirectories) {
  const auto in = [&](const std::function<bool()>& body) {
    return changed("dir", body);
  };
  const auto name = [&](const char* what) { return path(what); };
  EXPECT_EQ(in([&] { return put_file(path("dir/new"), ""); }),
            kModify | kChange);
  EXPECT_EQ(in([&] { return put_file(path("dir/new"), "more"); }), 0u);
  EXPECT_EQ(in([&] { return unlink(name("dir/new").c_str()) == 0; }),
            kModify | kChange);
  EXPECT_EQ(in([&] { return mkdir(name("dir/d").c_str(), 0700) == 0; }),
            kModify | kChange);
  EXPECT_EQ(in([&] { return rmdir(name("dir/d").c_str()) == 0; }),
            kModify | kChange);
  EXPECT_EQ(in([&] { return symlink("x", name("dir/l").c_str()) == 0; }),
            kModify | kChange);
  EXPECT_EQ(
      in([&] { return rename(name("dir/l").c_str(), name("l").c_str()) == 0; }),
      kModify | kChange);
  EXPECT_EQ(
      in([&] { return rename(name("l").c_str(), name("dir/l").c_str()) == 0; }),
      kModify | kChange);
  EXPECT_EQ(in([&] {
              return link(name("file").c_str(), name("dir/h").c_str()) == 0;
            }),
            kModify | kChange);
  EXPECT_EQ(in([&] { return mkfifo(name("dir/f").c_str(), 0600) == 0; }),
            kModify | kChange);
  char entries[2048];
  EXPECT_EQ(in([&] {
              const int fd = open(name("dir").c_str(), O_RDONLY);
              const bool done =
                  syscall(SYS_getdents64, fd, entries, sizeof(entries)) > 0;
              close(fd);
              return done;
            }),
            kAccess);
}

TEST_F(FileTimes, OfSymlinks) {
  ASSERT_EQ(symlinkat("file", at_, "link"), 0);
  char text[8];
  EXPECT_EQ(
      changed("link", [&] { return readlinkat(at_, "link", text, 8) == 4; }),
      kAccess);
  // The file is what is meant, or not.
  const timespec times[2] = {{5, 6}, {7, 8}};
  ASSERT_EQ(utimensat(at_, "link", times, 0), 0);
  EXPECT_EQ(stat_of(path("file")).st_mtim.tv_sec, 7);
  EXPECT_NE(stat_of(path("link")).st_mtim.tv_sec, 7);
  ASSERT_EQ(utimensat(at_, "link", times, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_EQ(stat_of(path("link")).st_mtim.tv_sec, 7);
}

TEST_F(FileTimes, NewFilesHaveTheTime) {
  timespec before;
  clock_gettime(CLOCK_REALTIME_COARSE, &before);
  ASSERT_TRUE(put_file(path("new"), ""));
  timespec after;
  clock_gettime(CLOCK_REALTIME, &after);
  const struct stat status = stat_of(path("new"));
  for (const timespec& time :
       {status.st_atim, status.st_mtim, status.st_ctim}) {
    EXPECT_GE(time.tv_sec, before.tv_sec - 1);
    EXPECT_LE(time.tv_sec, after.tv_sec);
  }
}

TEST_F(FileTimes, Set) {
  const timespec times[2] = {{1234, 123'456'789}, {5678, 987'654'321}};
  ASSERT_EQ(utimensat(at_, "file", times, 0), 0);
  struct stat status = stat_of(path("file"));
  EXPECT_TRUE(status.st_atim == times[0]);
  EXPECT_TRUE(status.st_mtim == times[1]);
  EXPECT_GT(status.st_ctim.tv_sec, 5678);
  const int fd = open(path("file").c_str(), O_RDONLY);
  const timespec others[2] = {{0, UTIME_OMIT}, {-5, 17}};
  ASSERT_EQ(futimens(fd, others), 0);
  status = stat_of(path("file"));
  EXPECT_TRUE(status.st_atim == times[0]);
  EXPECT_EQ(status.st_mtim.tv_sec, -5);
  EXPECT_EQ(status.st_mtim.tv_nsec, 17);
  const timespec now[2] = {{77, UTIME_NOW}, {77, UTIME_OMIT}};
  ASSERT_EQ(futimens(fd, now), 0);
  status = stat_of(path("file"));
  EXPECT_GT(status.st_atim.tv_sec, kLongAgo);
  EXPECT_EQ(status.st_mtim.tv_sec, -5);
  ASSERT_EQ(futimens(fd, nullptr), 0);
  status = stat_of(path("file"));
  EXPECT_TRUE(status.st_atim == status.st_mtim);
  EXPECT_GT(status.st_mtim.tv_sec, kLongAgo);
  const timespec none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  EXPECT_EQ(changed("file", [&] { return futimens(fd, none) == 0; }), 0u);
  close(fd);
}

TEST_F(FileTimes, OlderCalls) {
  const std::string file = path("file");
  const utimbuf seconds = {11, 22};
  ASSERT_EQ(utime(file.c_str(), &seconds), 0);
  EXPECT_EQ(stat_of(file).st_atim.tv_sec, 11);
  EXPECT_EQ(stat_of(file).st_mtim.tv_sec, 22);
  const timeval micro[2] = {{33, 44}, {55, 66}};
  ASSERT_EQ(utimes(file.c_str(), micro), 0);
  EXPECT_EQ(stat_of(file).st_atim.tv_nsec, 44'000);
  EXPECT_EQ(stat_of(file).st_mtim.tv_sec, 55);
  const timeval bad[2] = {{33, 44}, {55, 1'000'000}};
  EXPECT_ERRNO(EINVAL, utimes(file.c_str(), bad));
  ASSERT_EQ(lutimes(file.c_str(), micro), 0);
  ASSERT_EQ(futimesat(at_, "file", nullptr), 0);
  EXPECT_GT(stat_of(file).st_mtim.tv_sec, kLongAgo);
  EXPECT_ERRNO(ENOENT, utime(path("no").c_str(), nullptr));
}

TEST_F(FileTimes, Errors) {
  const timespec times[2] = {{1, 2}, {3, 4}};
  const timespec low[2] = {{1, -1}, {3, 4}};
  const timespec high[2] = {{1, 2}, {3, 1'000'000'000}};
  const timespec none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  EXPECT_ERRNO(EINVAL, utimensat(at_, "file", low, 0));
  EXPECT_ERRNO(EINVAL, utimensat(at_, "file", high, 0));
  EXPECT_ERRNO(ENOENT, utimensat(at_, "no", times, 0));
  EXPECT_ERRNO(ENOENT, utimensat(at_, "no", high, 0));
  EXPECT_ERRNO(ENOENT, utimensat(at_, "", times, 0));
  EXPECT_ERRNO(ENOTDIR, utimensat(at_, "file/x", times, 0));
  EXPECT_ERRNO(EINVAL, utimensat(at_, "file", times, 77));
  EXPECT_ERRNO(EBADF, utimensat(-1, "file", times, 0));
  EXPECT_ERRNO(EBADF, futimens(-1, times));
  EXPECT_ERRNO(EFAULT, syscall(SYS_utimensat, AT_FDCWD, nullptr, times, 0));
  EXPECT_ERRNO(EFAULT, syscall(SYS_utimensat, at_, "file", 8, 0));
  EXPECT_ERRNO(
      EINVAL, syscall(SYS_utimensat, at_, nullptr, times, AT_SYMLINK_NOFOLLOW));
  // Nothing to do is nothing to fail.
  EXPECT_EQ(utimensat(at_, "no", none, 0), 0);
}

TEST_F(FileTimes, RightsOfUsers) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_TRUE(put_file(path("open"), ""));
  ASSERT_EQ(chmod(path("open").c_str(), 0666), 0);
  ASSERT_TRUE(put_file(path("mine"), ""));
  const bool gave = chown(path("mine").c_str(), 1000, 1000) == 0 &&
                    chmod(path("mine").c_str(), 0400) == 0;
  const int end = run_child([&] {
    if (geteuid() != 0 || !gave || !become_a_user()) return kNoOtherUser;
    const timespec times[2] = {{1, 2}, {3, 4}};
    const timespec both_now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    const timespec one_now[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    // Whoever may write may say that it is now, and nothing else.
    CHILD_CHECK(utimensat(at_, "open", nullptr, 0) == 0);
    CHILD_CHECK(utimensat(at_, "open", both_now, 0) == 0);
    CHILD_CHECK(utimensat(at_, "open", one_now, 0) == -1 && errno == EPERM);
    CHILD_CHECK(utimensat(at_, "open", times, 0) == -1 && errno == EPERM);
    CHILD_CHECK(utimensat(at_, "file", nullptr, 0) == -1 && errno == EACCES);
    CHILD_CHECK(utimensat(at_, "file", times, 0) == -1 && errno == EPERM);
    CHILD_CHECK(utimensat(at_, "mine", times, 0) == 0);
    CHILD_CHECK(utimensat(at_, "mine", nullptr, 0) == 0);
    CHILD_CHECK(utimensat(at_, "mine", one_now, 0) == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user";
  EXPECT_EQ(end, 0);
}

// Files without a name have times, too.
TEST_F(FileTimes, OfAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const timespec times[2] = {{1, 2}, {3, 4}};
  EXPECT_EQ(futimens(ends[0], times), 0);
  struct stat status;
  ASSERT_EQ(fstat(ends[1], &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 3);
  EXPECT_EQ(fchmod(ends[0], 0640), 0);
  EXPECT_EQ(fchown(ends[0], geteuid(), getegid()), 0);
  ASSERT_EQ(fstat(ends[1], &status), 0);
  EXPECT_EQ(status.st_mode, S_IFIFO | 0640u);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
