// Hard links, symbolic links, reading them.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class Links : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(at_, 0);
    ASSERT_TRUE(put_file(path("file"), "text"));
    ASSERT_EQ(mkdir(path("dir").c_str(), 0755), 0);
  }
  void TearDown() override { close(at_); }
  std::string path(const std::string& name) const { return directory_ / name; }
  std::string target(const std::string& name) const {
    char text[256];
    const ssize_t got = readlinkat(at_, name.c_str(), text, sizeof(text));
    return got < 0 ? "?" : std::string(text, static_cast<size_t>(got));
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(Links, HardLinksAreTheSameFile) {
  ASSERT_EQ(link(path("file").c_str(), path("other").c_str()), 0);
  EXPECT_EQ(stat_of(path("file")).st_ino, stat_of(path("other")).st_ino);
  EXPECT_EQ(stat_of(path("file")).st_nlink, 2u);
  ASSERT_TRUE(put_file(path("other"), "changed"));
  EXPECT_EQ(get_file(path("file")), "changed");
  ASSERT_EQ(chmod(path("file").c_str(), 0600), 0);
  EXPECT_EQ(stat_of(path("other")).st_mode & 07777u, 0600u);
  ASSERT_EQ(linkat(at_, "other", at_, "dir/third", 0), 0);
  EXPECT_EQ(stat_of(path("file")).st_nlink, 3u);
  ASSERT_EQ(unlinkat(at_, "file", 0), 0);
  EXPECT_EQ(stat_of(path("other")).st_nlink, 2u);
  EXPECT_EQ(get_file(path("dir/third")), "changed");
}

TEST_F(Links, HardLinkErrors) {
  const std::string file = path("file");
  EXPECT_ERRNO(EEXIST, link(file.c_str(), path("dir").c_str()));
  EXPECT_ERRNO(EEXIST, link(file.c_str(), file.c_str()));
  EXPECT_ERRNO(ENOENT, link(path("no").c_str(), path("new").c_str()));
  EXPECT_ERRNO(ENOENT, link(file.c_str(), path("no/new").c_str()));
  EXPECT_ERRNO(ENOENT, link("", path("new").c_str()));
  EXPECT_ERRNO(ENOENT, link(file.c_str(), ""));
  EXPECT_ERRNO(ENOENT, link(file.c_str(), path("new/").c_str()));
  EXPECT_ERRNO(ENOTDIR, link(path("file/").c_str(), path("new").c_str()));
  EXPECT_ERRNO(ENOTDIR, link(path("file/x").c_str(), path("new").c_str()));
  EXPECT_ERRNO(ENOTDIR, link(file.c_str(), path("file/new").c_str()));
  EXPECT_ERRNO(EPERM, link(path("dir").c_str(), path("new").c_str()));
  EXPECT_ERRNO(EXDEV, link("/proc/version", path("new").c_str()));
  EXPECT_ERRNO(ENAMETOOLONG,
               link(file.c_str(), path(std::string(256, 'n')).c_str()));
  EXPECT_ERRNO(EINVAL, linkat(at_, "file", at_, "new", 1));
  EXPECT_ERRNO(EBADF, linkat(-1, "file", at_, "new", 0));
  EXPECT_ERRNO(EBADF, linkat(at_, "file", 1000, "new", 0));
  const int fd = open(file.c_str(), O_RDONLY);
  EXPECT_ERRNO(ENOTDIR, linkat(fd, "file", at_, "new", 0));
  EXPECT_ERRNO(ENOTDIR, linkat(at_, "file", fd, "new", 0));
  // A path from the root needs no directory.
  EXPECT_EQ(linkat(-1, file.c_str(), -1, path("new").c_str(), 0), 0);
  close(fd);
}

TEST_F(Links, ALinkToASymlinkOrToWhatItNames) {
  ASSERT_EQ(symlinkat("file", at_, "link"), 0);
  ASSERT_EQ(linkat(at_, "link", at_, "itself", 0), 0);
  EXPECT_TRUE(S_ISLNK(stat_of(path("itself")).st_mode));
  EXPECT_EQ(stat_of(path("link")).st_nlink, 2u);
  ASSERT_EQ(linkat(at_, "link", at_, "named", AT_SYMLINK_FOLLOW), 0);
  EXPECT_TRUE(S_ISREG(stat_of(path("named")).st_mode));
  EXPECT_EQ(stat_of(path("file")).st_nlink, 2u);
}

TEST_F(Links, ALinkToADescriptor) {
  const int fd = open(path("file").c_str(), O_RDONLY);
  if (linkat(fd, "", at_, "new", AT_EMPTY_PATH) != 0 && errno == ENOENT &&
      geteuid() != 0) {
    GTEST_SKIP() << "only root may";
  }
  EXPECT_EQ(stat_of(path("new")).st_ino, stat_of(path("file")).st_ino);
  ASSERT_EQ(unlinkat(at_, "new", 0), 0);
  ASSERT_EQ(unlinkat(at_, "file", 0), 0);
  // What had a name and has none any more gets no other.
  EXPECT_ERRNO(ENOENT, linkat(fd, "", at_, "new", AT_EMPTY_PATH));
  close(fd);
}

TEST_F(Links, SymlinksSayWhatTheyWereTold) {
  for (const char* const text :
       {"file", "no/such/place", "/", "..", "with space", "a//b/"}) {
    ASSERT_EQ(symlink(text, path("link").c_str()), 0) << text;
    EXPECT_EQ(target("link"), text);
    const struct stat status = stat_of(path("link"));
    EXPECT_TRUE(S_ISLNK(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777u, 0777u);
    EXPECT_EQ(status.st_size, static_cast<off_t>(std::string(text).size()));
    ASSERT_EQ(unlink(path("link").c_str()), 0);
  }
}

TEST_F(Links, ReadlinkCutsOff) {
  ASSERT_EQ(symlinkat("abcdef", at_, "link"), 0);
  char text[8] = "xxxxxxx";
  EXPECT_EQ(readlinkat(at_, "link", text, 3), 3);
  EXPECT_EQ(std::string(text), "abcxxxx");
  EXPECT_EQ(readlinkat(at_, "link", text, 6), 6);
  EXPECT_EQ(std::string(text), "abcdefx");
}

TEST_F(Links, SymlinkErrors) {
  ASSERT_EQ(symlinkat("file", at_, "link"), 0);
  EXPECT_ERRNO(EEXIST, symlinkat("file", at_, "link"));
  EXPECT_ERRNO(EEXIST, symlinkat("file", at_, "dir"));
  EXPECT_ERRNO(ENOENT, symlinkat("", at_, "new"));
  EXPECT_ERRNO(ENOENT, symlinkat("file", at_, ""));
  EXPECT_ERRNO(ENOENT, symlinkat("file", at_, "no/new"));
  EXPECT_ERRNO(ENOENT, symlinkat("file", at_, "new/"));
  EXPECT_ERRNO(ENOTDIR, symlinkat("file", at_, "file/new"));
  EXPECT_ERRNO(EBADF, symlinkat("file", -1, "new"));
  EXPECT_ERRNO(ENAMETOOLONG,
               symlinkat(std::string(4096, 't').c_str(), at_, "new"));
  EXPECT_ERRNO(ENAMETOOLONG,
               symlinkat("file", at_, std::string(256, 'n').c_str()));
  char text[8];
  EXPECT_ERRNO(EINVAL, readlinkat(at_, "file", text, 8));
  EXPECT_ERRNO(EINVAL, readlinkat(at_, "dir", text, 8));
  EXPECT_ERRNO(ENOENT, readlinkat(at_, "no", text, 8));
  EXPECT_ERRNO(ENOTDIR, readlinkat(at_, "file/x", text, 8));
  EXPECT_ERRNO(EBADF, readlinkat(-1, "link", text, 8));
  EXPECT_ERRNO(EINVAL, syscall(SYS_readlinkat, at_, "link", text, 0));
  EXPECT_ERRNO(EINVAL, syscall(SYS_readlinkat, at_, "link", text, -1));
  EXPECT_ERRNO(ENOENT, readlinkat(at_, "", text, 8));
}

TEST_F(Links, AnEmptyPathReadsTheLinkItself) {
  ASSERT_EQ(symlinkat("file", at_, "link"), 0);
  const int fd = openat(at_, "link", O_PATH | O_NOFOLLOW);
  ASSERT_GE(fd, 0);
  char text[8] = {};
  EXPECT_EQ(readlinkat(fd, "", text, sizeof(text)), 4);
  EXPECT_STREQ(text, "file");
  struct stat status;
  EXPECT_EQ(fstat(fd, &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  close(fd);
}

TEST_F(Links, LoopsEnd) {
  ASSERT_EQ(symlinkat("b", at_, "a"), 0);
  ASSERT_EQ(symlinkat("a", at_, "b"), 0);
  ASSERT_EQ(symlinkat("self/x", at_, "self"), 0);
  struct stat status;
  EXPECT_ERRNO(ELOOP, stat(path("a").c_str(), &status));
  EXPECT_ERRNO(ELOOP, open(path("a").c_str(), O_RDONLY));
  EXPECT_ERRNO(ELOOP, open(path("a").c_str(), O_RDWR | O_CREAT, 0600));
  EXPECT_ERRNO(ELOOP, access(path("b").c_str(), F_OK));
  EXPECT_ERRNO(ELOOP, chmod(path("b/x").c_str(), 0600));
  EXPECT_ERRNO(ELOOP, mkdir(path("a/x").c_str(), 0700));
  EXPECT_ERRNO(ELOOP, stat(path("self").c_str(), &status));
  EXPECT_ERRNO(ELOOP, truncate(path("a").c_str(), 0));
  EXPECT_ERRNO(ELOOP, chdir(path("a").c_str()));
  EXPECT_ERRNO(ELOOP, rename(path("a/x").c_str(), path("y").c_str()));
  EXPECT_EQ(lstat(path("a").c_str(), &status), 0);
  EXPECT_EQ(unlink(path("a").c_str()), 0);
}

// Forty links are followed, one more is not.
TEST_F(Links, FortyLinks) {
  ASSERT_EQ(symlinkat("file", at_, "l1"), 0);
  for (int i = 2; i <= 41; ++i) {
    ASSERT_EQ(symlinkat(("l" + std::to_string(i - 1)).c_str(), at_,
                        ("l" + std::to_string(i)).c_str()),
              0);
  }
  struct stat status;
  EXPECT_EQ(stat(path("l40").c_str(), &status), 0);
  EXPECT_ERRNO(ELOOP, stat(path("l41").c_str(), &status));
}

TEST_F(Links, NamesAreMadeThroughDanglingLinksOnlyByOpen) {
  ASSERT_EQ(symlinkat("dir/new", at_, "link"), 0);
  EXPECT_ERRNO(EEXIST, mkdirat(at_, "link", 0700));
  EXPECT_ERRNO(EEXIST, mknodat(at_, "link", S_IFREG | 0600, 0));
  EXPECT_ERRNO(EEXIST, openat(at_, "link", O_RDWR | O_CREAT | O_EXCL, 0600));
  EXPECT_ERRNO(ELOOP, openat(at_, "link", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  const int fd = openat(at_, "link", O_RDWR | O_CREAT, 0600);
  EXPECT_GE(fd, 0);
  close(fd);
  EXPECT_TRUE(S_ISREG(stat_of(path("dir/new")).st_mode));
}

TEST_F(Links, NotFollowed) {
  ASSERT_EQ(symlinkat("file", at_, "link"), 0);
  ASSERT_EQ(symlinkat("dir", at_, "way"), 0);
  EXPECT_ERRNO(ELOOP, openat(at_, "link", O_RDONLY | O_NOFOLLOW));
  EXPECT_ERRNO(ENOTDIR, openat(at_, "way", O_DIRECTORY | O_NOFOLLOW));
  struct stat status;
  EXPECT_EQ(fstatat(at_, "way", &status, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  // A slash behind it means the directory.
  EXPECT_EQ(fstatat(at_, "way/", &status, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_TRUE(S_ISDIR(status.st_mode));
  EXPECT_ERRNO(ENOTDIR, unlinkat(at_, "way", AT_REMOVEDIR));
  EXPECT_ERRNO(ENOTDIR, unlinkat(at_, "way/", AT_REMOVEDIR));
  EXPECT_EQ(unlinkat(at_, "link", 0), 0);
  EXPECT_TRUE(S_ISREG(stat_of(path("file")).st_mode));
}

TEST_F(Links, RemoveErrors) {
  ASSERT_TRUE(put_file(path("dir/inner"), ""));
  EXPECT_ERRNO(EISDIR, unlink(path("dir").c_str()));
  EXPECT_ERRNO(EISDIR, unlink(path("dir/").c_str()));
  EXPECT_ERRNO(ENOTDIR, unlink(path("file/").c_str()));
  EXPECT_ERRNO(ENOENT, unlink(path("no").c_str()));
  EXPECT_ERRNO(ENOENT, unlink(path("no/").c_str()));
  EXPECT_ERRNO(ENOENT, unlink(""));
  EXPECT_ERRNO(EISDIR, unlink(path("dir/.").c_str()));
  EXPECT_ERRNO(EISDIR, unlink("/"));
  EXPECT_ERRNO(ENOTDIR, rmdir(path("file").c_str()));
  EXPECT_ERRNO(ENOTEMPTY, rmdir(path("dir").c_str()));
  EXPECT_ERRNO(EINVAL, rmdir(path("dir/.").c_str()));
  EXPECT_ERRNO(ENOTEMPTY, rmdir(path("dir/..").c_str()));
  EXPECT_ERRNO(ENOENT, rmdir(path("no").c_str()));
  // A sandbox may have both in a file system that is only read.
  for (const char* mounted : {"/", "/proc"}) {
    EXPECT_EQ(rmdir(mounted), -1);
    EXPECT_TRUE(errno == EBUSY || errno == EROFS) << errno;
  }
  EXPECT_ERRNO(EINVAL, unlinkat(at_, "file", 77));
  EXPECT_ERRNO(EBADF, unlinkat(-1, "file", 0));
  EXPECT_EQ(unlinkat(at_, "dir/inner", 0), 0);
  EXPECT_EQ(unlinkat(at_, "dir/", AT_REMOVEDIR), 0);
}

TEST_F(Links, CountsOfDirectories) {
  EXPECT_GE(stat_of(path("dir")).st_nlink, 2u);
  ASSERT_EQ(mkdir(path("dir/a").c_str(), 0700), 0);
  const nlink_t with_one = stat_of(path("dir")).st_nlink;
  ASSERT_EQ(mkdir(path("dir/b/").c_str(), 0700), 0);
  EXPECT_EQ(stat_of(path("dir")).st_nlink, with_one + 1);
  ASSERT_EQ(rmdir(path("dir/b").c_str()), 0);
  EXPECT_EQ(stat_of(path("dir")).st_nlink, with_one);
  EXPECT_ERRNO(EEXIST, mkdir(path("dir/a").c_str(), 0700));
  EXPECT_ERRNO(EEXIST, mkdir(path("file").c_str(), 0700));
  EXPECT_ERRNO(EEXIST, mkdir(path(".").c_str(), 0700));
  EXPECT_ERRNO(EEXIST, mkdir("/", 0700));
  EXPECT_ERRNO(ENOTDIR, mkdir(path("file/x").c_str(), 0700));
  EXPECT_ERRNO(ENOENT, mkdir(path("no/x").c_str(), 0700));
}

}  // namespace
}  // namespace tine::guest
