// rename and renameat2: what replaces what, and what must not.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class Rename : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(at_, 0);
    ASSERT_TRUE(put_file(path("file"), "file"));
    ASSERT_TRUE(put_file(path("other"), "other"));
    for (const char* name : {"dir", "empty", "full", "dir/sub"}) {
      ASSERT_EQ(mkdirat(at_, name, 0755), 0);
    }
    ASSERT_TRUE(put_file(path("full/inner"), "inner"));
  }
  void TearDown() override { close(at_); }
  std::string path(const std::string& name) const { return directory_ / name; }
  bool is_there(const std::string& name) const {
    return stat_of(path(name)).st_nlink != 0;
  }
  int move(const std::string& from, const std::string& to,
           unsigned flags = 0) const {
    return static_cast<int>(
        syscall(SYS_renameat2, at_, from.c_str(), at_, to.c_str(), flags));
  }
  TemporaryDirectory directory_;
  int at_ = -1;
};

TEST_F(Rename, FilesMoveAndReplace) {
  const ino_t inode = stat_of(path("file")).st_ino;
  ASSERT_EQ(rename(path("file").c_str(), path("new").c_str()), 0);
  EXPECT_FALSE(is_there("file"));
  EXPECT_EQ(stat_of(path("new")).st_ino, inode);
  ASSERT_EQ(renameat(at_, "new", at_, "other"), 0);
  EXPECT_EQ(get_file(path("other")), "file");
  ASSERT_EQ(move("other", "dir/moved"), 0);
  EXPECT_EQ(get_file(path("dir/moved")), "file");
  EXPECT_EQ(stat_of(path("dir/moved")).st_ino, inode);
}

TEST_F(Rename, WhatWasReplacedLivesWhileItIsOpen) {
  const int fd = open(path("other").c_str(), O_RDONLY);
  ASSERT_EQ(move("file", "other"), 0);
  char text[8] = {};
  EXPECT_EQ(read(fd, text, sizeof(text)), 5);
  EXPECT_STREQ(text, "other");
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  close(fd);
}

TEST_F(Rename, DirectoriesMoveWithAllInThem) {
  ASSERT_EQ(move("full", "dir/sub/full"), 0);
  EXPECT_EQ(get_file(path("dir/sub/full/inner")), "inner");
  struct stat up;
  struct stat sub;
  ASSERT_EQ(stat(path("dir/sub/full/..").c_str(), &up), 0);
  ASSERT_EQ(stat(path("dir/sub").c_str(), &sub), 0);
  EXPECT_EQ(up.st_ino, sub.st_ino);
  // Over an empty one, with slashes if it pleases.
  ASSERT_EQ(move("dir/sub/full/", "empty/"), 0);
  EXPECT_EQ(get_file(path("empty/inner")), "inner");
  EXPECT_EQ(move("empty", "new/"), 0);
}

TEST_F(Rename, ToItselfDoesNothing) {
  EXPECT_EQ(move("file", "file"), 0);
  ASSERT_EQ(linkat(at_, "file", at_, "link", 0), 0);
  EXPECT_EQ(move("file", "link"), 0);
  EXPECT_TRUE(is_there("file"));
  EXPECT_TRUE(is_there("link"));
  EXPECT_EQ(move("full", "full"), 0);
}

TEST_F(Rename, SymlinksAreMovedThemselves) {
  ASSERT_EQ(symlinkat("other", at_, "link"), 0);
  ASSERT_EQ(move("link", "moved"), 0);
  EXPECT_TRUE(S_ISLNK(stat_of(path("moved")).st_mode));
  ASSERT_EQ(move("file", "moved"), 0);
  EXPECT_TRUE(S_ISREG(stat_of(path("moved")).st_mode));
  EXPECT_EQ(get_file(path("other")), "other");
}

TEST_F(Rename, Errors) {
  EXPECT_ERRNO(ENOENT, move("no", "new"));
  EXPECT_ERRNO(ENOENT, move("", "new"));
  EXPECT_ERRNO(ENOENT, move("file", ""));
  EXPECT_ERRNO(ENOENT, move("file", "no/new"));
  EXPECT_ERRNO(ENOTDIR, move("file/x", "new"));
  EXPECT_ERRNO(ENOTDIR, move("file", "other/x"));
  EXPECT_ERRNO(ENOTDIR, move("file/", "new"));
  EXPECT_ERRNO(ENOTDIR, move("file", "new/"));
  EXPECT_ERRNO(ENOTDIR, move("dir", "file"));
  EXPECT_ERRNO(EISDIR, move("file", "empty"));
  EXPECT_ERRNO(ENOTEMPTY, move("dir", "full"));
  EXPECT_ERRNO(EINVAL, move("dir", "dir/new"));
  EXPECT_ERRNO(EINVAL, move("dir", "dir/sub/new"));
  EXPECT_ERRNO(EINVAL, move("dir", "dir/sub"));
  EXPECT_ERRNO(ENOTEMPTY, move("dir/sub", "dir"));
  EXPECT_ERRNO(ENOTEMPTY, move("full/inner", "full"));
  EXPECT_ERRNO(EBUSY, move(".", "new"));
  EXPECT_ERRNO(EBUSY, move("dir/..", "new"));
  EXPECT_ERRNO(EBUSY, move("file", "dir/."));
  EXPECT_ERRNO(EBUSY, rename("/", "/new"));
  EXPECT_ERRNO(EXDEV, rename("/proc/version", path("new").c_str()));
  EXPECT_ERRNO(EXDEV, rename(path("file").c_str(), "/proc/new"));
  EXPECT_ERRNO(ENAMETOOLONG, move("file", std::string(256, 'n')));
  EXPECT_ERRNO(ENAMETOOLONG, move(std::string(256, 'n'), "new"));
  EXPECT_ERRNO(EBADF, renameat(-1, "file", at_, "new"));
  EXPECT_ERRNO(EBADF, renameat(at_, "file", -1, "new"));
  EXPECT_ERRNO(EFAULT, renameat(at_, nullptr, at_, "new"));
  EXPECT_ERRNO(EINVAL, move("file", "new", 0x100));
  EXPECT_EQ(get_file(path("file")), "file");
  EXPECT_TRUE(is_there("dir/sub"));
}

TEST_F(Rename, NoReplace) {
  EXPECT_ERRNO(EEXIST, move("file", "other", RENAME_NOREPLACE));
  EXPECT_ERRNO(EEXIST, move("file", "file", RENAME_NOREPLACE));
  EXPECT_ERRNO(EEXIST, move("dir", "empty", RENAME_NOREPLACE));
  EXPECT_EQ(get_file(path("other")), "other");
  EXPECT_EQ(move("file", "new", RENAME_NOREPLACE), 0);
  EXPECT_EQ(get_file(path("new")), "file");
}

TEST_F(Rename, Exchange) {
  ASSERT_EQ(move("file", "other", RENAME_EXCHANGE), 0);
  EXPECT_EQ(get_file(path("file")), "other");
  EXPECT_EQ(get_file(path("other")), "file");
  // Of different kinds, and full directories.
  ASSERT_EQ(move("file", "full", RENAME_EXCHANGE), 0);
  EXPECT_EQ(get_file(path("full")), "other");
  EXPECT_EQ(get_file(path("file/inner")), "inner");
  ASSERT_EQ(move("full", "dir/sub", RENAME_EXCHANGE), 0);
  EXPECT_EQ(get_file(path("dir/sub")), "other");
  EXPECT_ERRNO(ENOENT, move("other", "no", RENAME_EXCHANGE));
  EXPECT_ERRNO(ENOENT, move("no", "other", RENAME_EXCHANGE));
  EXPECT_ERRNO(EINVAL,
               move("file", "other", RENAME_EXCHANGE | RENAME_NOREPLACE));
  ASSERT_EQ(mkdirat(at_, "dir/below", 0700), 0);
  EXPECT_ERRNO(EINVAL, move("dir", "dir/below", RENAME_EXCHANGE));
  EXPECT_ERRNO(EINVAL, move("dir/below", "dir", RENAME_EXCHANGE));
}

TEST_F(Rename, Whiteouts) {
  ASSERT_TRUE(put_file(path("one"), "1"));
  ASSERT_TRUE(put_file(path("two"), "2"));
  EXPECT_ERRNO(EINVAL, move("one", "two", RENAME_WHITEOUT | RENAME_EXCHANGE));
  EXPECT_ERRNO(EEXIST, move("one", "two", RENAME_WHITEOUT | RENAME_NOREPLACE));
  if (move("one", "two", RENAME_WHITEOUT) != 0) {
    GTEST_SKIP() << "this file system has no whiteouts: errno " << errno;
  }
  EXPECT_EQ(get_file(path("two")), "1");
  const struct stat left = stat_of(path("one"));
  EXPECT_EQ(left.st_mode, mode_t{S_IFCHR});
  EXPECT_EQ(left.st_rdev, dev_t{0});
  EXPECT_ERRNO(ENXIO, open(path("one").c_str(), O_RDONLY));
  // It can be replaced as any other.
  EXPECT_EQ(move("two", "one", RENAME_WHITEOUT), 0);
  EXPECT_EQ(get_file(path("one")), "1");
  EXPECT_EQ(stat_of(path("two")).st_mode, mode_t{S_IFCHR});
}

TEST_F(Rename, CountsOfDirectoriesFollow) {
  const nlink_t top = stat_of(directory_.path()).st_nlink;
  const nlink_t dir = stat_of(path("dir")).st_nlink;
  ASSERT_EQ(move("empty", "dir/empty"), 0);
  EXPECT_EQ(stat_of(directory_.path()).st_nlink, top - 1);
  EXPECT_EQ(stat_of(path("dir")).st_nlink, dir + 1);
  ASSERT_EQ(move("dir/empty", "dir/sub"), 0);
  EXPECT_EQ(stat_of(path("dir")).st_nlink, dir);
}

TEST_F(Rename, InADirectoryThatIsGone) {
  const int gone = openat(at_, "empty", O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(unlinkat(at_, "empty", AT_REMOVEDIR), 0);
  EXPECT_ERRNO(ENOENT, renameat(at_, "file", gone, "new"));
  EXPECT_ERRNO(ENOENT, renameat(gone, "file", at_, "new"));
  close(gone);
}

TEST_F(Rename, RightsOfUsers) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 0777), 0);
  ASSERT_EQ(chmod(path("full").c_str(), 01777), 0);
  const int end = run_child([&] {
    if (geteuid() != 0) return kNoOtherUser;
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(move("file", "new") == -1 && errno == EACCES);
    CHILD_CHECK(move("file", "dir/new") == -1 && errno == EACCES);
    CHILD_CHECK(put_file(path("dir/mine"), "mine"));
    CHILD_CHECK(move("dir/mine", "new") == -1 && errno == EACCES);
    CHILD_CHECK(move("dir/mine", "dir/renamed") == 0);
    // Nobody takes others' files from a sticky directory, or replaces them.
    CHILD_CHECK(move("full/inner", "full/x") == -1 && errno == EPERM);
    CHILD_CHECK(move("dir/renamed", "full/inner") == -1 && errno == EPERM);
    CHILD_CHECK(move("dir/renamed", "full/mine") == 0);
    CHILD_CHECK(move("full/mine", "full/own") == 0);
    // A directory of another's cannot get another parent: its ".." would
    // change.
    CHILD_CHECK(move("dir/sub", "full/sub") == -1 && errno == EACCES);
    CHILD_CHECK(move("dir/sub", "dir/still_here") == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
