// Working directory, root and umask: a child's own after fork, shared by
// CLONE_FS until exec's caller or unshare parts them.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

std::string here() {
  char path[4096];
  return getcwd(path, sizeof(path)) == nullptr ? "?" : path;
}

mode_t mask() {
  const mode_t value = umask(0);
  umask(value);
  return value;
}

// As run_child, with flags of clone() besides.
template <typename Body>
int run_clone(unsigned long flags, Body&& body) {
  // All other arguments are 0, whose order differs.
  const pid_t child =
      static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
  if (child == 0) _exit(body());
  return wait_for(child);
}

class WorkingDirectory : public testing::Test {
 protected:
  void SetUp() override {
    before_ = open(".", O_RDONLY | O_DIRECTORY);
    mask_ = mask();
    umask(022);
    ASSERT_EQ(mkdir(path("a").c_str(), 0755), 0);
    ASSERT_EQ(mkdir(path("a/b").c_str(), 0755), 0);
    ASSERT_TRUE(put_file(path("a/file"), "text"));
    ASSERT_EQ(chdir(path("").c_str()), 0);
  }
  void TearDown() override {
    EXPECT_EQ(fchdir(before_), 0);
    close(before_);
    umask(mask_);
  }
  std::string path(const std::string& name) const {
    char real[4096];
    EXPECT_NE(realpath(directory_.path().c_str(), real), nullptr);
    return name.empty() ? real : std::string(real) + "/" + name;
  }
  TemporaryDirectory directory_;
  int before_ = -1;
  mode_t mask_ = 0;
};

TEST_F(WorkingDirectory, PathsStartThere) {
  EXPECT_EQ(here(), path(""));
  EXPECT_EQ(get_file("a/file"), "text");
  ASSERT_EQ(chdir("a/b"), 0);
  EXPECT_EQ(here(), path("a/b"));
  EXPECT_EQ(get_file("../file"), "text");
  ASSERT_EQ(chdir(".."), 0);
  EXPECT_EQ(get_file("./file"), "text");
  const int fd = open("b", O_PATH | O_DIRECTORY);
  ASSERT_EQ(fchdir(fd), 0);
  EXPECT_EQ(here(), path("a/b"));
  close(fd);
  ASSERT_EQ(chdir("/.."), 0);
  EXPECT_EQ(here(), "/");
}

TEST_F(WorkingDirectory, FollowsItsDirectory) {
  ASSERT_EQ(chdir("a/b"), 0);
  ASSERT_EQ(rename(path("a").c_str(), path("c").c_str()), 0);
  EXPECT_EQ(here(), path("c/b"));
  EXPECT_EQ(get_file("../file"), "text");
  ASSERT_EQ(rmdir(path("c/b").c_str()), 0);
  char room[100];
  EXPECT_ERRNO(ENOENT, syscall(SYS_getcwd, room, sizeof(room)));
  EXPECT_ERRNO(ENOENT, open("new", O_RDWR | O_CREAT, 0600));
  struct stat status;
  EXPECT_EQ(stat(".", &status), 0);
  EXPECT_EQ(get_file("../file"), "text");
  EXPECT_EQ(chdir(".."), 0);
  EXPECT_EQ(here(), path("c"));
}

TEST_F(WorkingDirectory, Errors) {
  EXPECT_ERRNO(ENOENT, chdir("no"));
  EXPECT_ERRNO(ENOTDIR, chdir("a/file"));
  EXPECT_ERRNO(EBADF, fchdir(-1));
  const int fd = open("a/file", O_RDONLY);
  EXPECT_ERRNO(ENOTDIR, fchdir(fd));
  close(fd);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_ERRNO(ENOTDIR, fchdir(ends[0]));
  close(ends[0]);
  close(ends[1]);
  char room[4096];
  EXPECT_ERRNO(ERANGE, syscall(SYS_getcwd, room, 2));
  EXPECT_ERRNO(ERANGE, syscall(SYS_getcwd, room, 0));
  EXPECT_ERRNO(EFAULT, syscall(SYS_getcwd, 8, 4096));
  EXPECT_EQ(syscall(SYS_getcwd, room, sizeof(room)),
            static_cast<long>(path("").size() + 1));
  EXPECT_EQ(here(), path(""));
}

TEST_F(WorkingDirectory, AChildHasItsOwn) {
  ASSERT_EQ(chdir("a"), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(here() == path("a"));
              CHILD_CHECK(mask() == 022);
              CHILD_CHECK(chdir("b") == 0);
              umask(077);
              CHILD_CHECK(here() == path("a/b"));
              return 0;
            }),
            0);
  EXPECT_EQ(here(), path("a"));
  EXPECT_EQ(mask(), 022u);
  // And the parent's changes are not the child's.
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    char byte;
    CHILD_CHECK(read(ends[0], &byte, 1) == 1);
    return here() == path("a") && mask() == 022 ? 0 : 1;
  });
  ASSERT_EQ(chdir("b"), 0);
  umask(0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(WorkingDirectory, CloneFsSharesIt) {
  EXPECT_EQ(run_clone(CLONE_FS,
                      [&] {
                        CHILD_CHECK(chdir("a") == 0);
                        umask(0027);
                        return 0;
                      }),
            0);
  EXPECT_EQ(here(), path("a"));
  EXPECT_EQ(mask(), 0027u);
  // A fork of one that shares copies again.
  EXPECT_EQ(run_clone(CLONE_FS,
                      [&] {
                        CHILD_CHECK(run_child([&] {
                                      umask(0);
                                      return chdir("b");
                                    }) == 0);
                        CHILD_CHECK(here() == path("a"));
                        return 0;
                      }),
            0);
  EXPECT_EQ(here(), path("a"));
  EXPECT_EQ(mask(), 0027u);
}

TEST_F(WorkingDirectory, UnshareEndsSharing) {
  EXPECT_EQ(run_clone(CLONE_FS,
                      [&] {
                        CHILD_CHECK(unshare(CLONE_FS) == 0);
                        CHILD_CHECK(chdir("a") == 0);
                        umask(0);
                        return here() == path("a") ? 0 : 1;
                      }),
            0);
  EXPECT_EQ(here(), path(""));
  EXPECT_EQ(mask(), 022u);
}

TEST_F(WorkingDirectory, ThreadsShareIt) {
  std::thread([] {
    EXPECT_EQ(chdir("a"), 0);
    umask(0007);
  }).join();
  EXPECT_EQ(here(), path("a"));
  EXPECT_EQ(mask(), 0007u);
  std::thread([] {
    EXPECT_EQ(unshare(CLONE_FS), 0);
    EXPECT_EQ(chdir("b"), 0);
  }).join();
  EXPECT_EQ(here(), path("a"));
}

TEST_F(WorkingDirectory, Masks) {
  EXPECT_EQ(umask(01777), 022u);
  EXPECT_EQ(umask(0), 0777u);  // permissions only
  ASSERT_TRUE(put_file("open", "", 0666));
  EXPECT_EQ(stat_of("open").st_mode & 0777u, 0666u);
  umask(0137);
  ASSERT_TRUE(put_file("closed", "", 0777));
  EXPECT_EQ(stat_of("closed").st_mode & 0777u, 0640u);
}

TEST_F(WorkingDirectory, Chroot) {
  const int end = run_child([&] {
    if (chroot("a") != 0) return errno == EPERM ? kNoOtherUser : 1;
    // Nothing but the meaning of / has changed.
    CHILD_CHECK(get_file("/file") == "text");
    CHILD_CHECK(get_file("a/file") == "text");
    CHILD_CHECK(here().rfind("(unreachable)", 0) == 0 || here() == "?");
    CHILD_CHECK(chdir("/b") == 0);
    CHILD_CHECK(here() == "/b");
    CHILD_CHECK(get_file("../../../file") == "text");
    CHILD_CHECK(symlink("/file", "link") == 0);
    CHILD_CHECK(get_file("link") == "text");
    CHILD_CHECK(run_child([] { return get_file("/file") == "text" ? 0 : 1; }) ==
                0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no right to change the root";
  EXPECT_EQ(end, 0);
  EXPECT_EQ(here(), path(""));
  EXPECT_EQ(run_clone(CLONE_FS, [&] { return chroot("a"); }), 0);
  EXPECT_EQ(get_file("/file"), "text");
  // The way back: "." is still outside.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(chdir(".."), 0);
  EXPECT_EQ(chroot("."), 0);
  EXPECT_EQ(chdir(path("").c_str()), 0);
  EXPECT_ERRNO(ENOTDIR, chroot("a/file"));
  EXPECT_ERRNO(ENOENT, chroot("no"));
}

}  // namespace
}  // namespace tine::guest
