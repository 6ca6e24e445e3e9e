// openat2: strict about flags, and no further than it is told; mount and its
// kin, which nobody is given.
// feature-map: 71
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class Openat2 : public testing::Test {
 protected:
  void SetUp() override {
    at_ = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(at_, 0);
    ASSERT_EQ(mkdirat(at_, "dir", 0755), 0);
    ASSERT_TRUE(put_file(directory_ / "file", "outer"));
    ASSERT_TRUE(put_file(directory_ / "dir/file", "inner"));
    ASSERT_EQ(symlinkat("file", at_, "dir/link"), 0);
    ASSERT_EQ(symlinkat("../file", at_, "dir/up"), 0);
    ASSERT_EQ(symlinkat("/file", at_, "dir/absolute"), 0);
    ASSERT_EQ(symlinkat("dir", at_, "way"), 0);
    dir_ = openat(at_, "dir", O_PATH | O_DIRECTORY);
  }
  void TearDown() override {
    close(dir_);
    close(at_);
  }
  static int open2(int at, const char* path, uint64_t flags, uint64_t resolve,
                   uint64_t mode = 0) {
    const struct open_how how = {flags, mode, resolve};
    return static_cast<int>(syscall(SYS_openat2, at, path, &how, sizeof(how)));
  }
  // What the file says that is opened so; "?" and errno if it is not.
  static std::string contents(int at, const char* path, uint64_t resolve) {
    const int fd = open2(at, path, O_RDONLY, resolve);
    if (fd < 0) return "?";
    char text[32];
    const ssize_t got = read(fd, text, sizeof(text));
    close(fd);
    return got < 0 ? "?" : std::string(text, static_cast<size_t>(got));
  }
  static void expect_error(int error, int at, const char* path,
                           uint64_t resolve) {
    errno = 0;
    EXPECT_EQ(open2(at, path, O_RDONLY, resolve), -1) << path;
    EXPECT_EQ(errno, error) << path << ": " << strerror(errno);
  }
  TemporaryDirectory directory_;
  int at_ = -1;
  int dir_ = -1;
};

TEST_F(Openat2, OpensAndMakes) {
  EXPECT_EQ(contents(at_, "file", 0), "outer");
  const int fd = open2(at_, "new", O_RDWR | O_CREAT | O_CLOEXEC, 0, 0640);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(S_ISREG(stat_of(directory_ / "new").st_mode));
  close(fd);
  EXPECT_EQ(contents(at_, "file", RESOLVE_CACHED), "outer");
}

TEST_F(Openat2, Beneath) {
  EXPECT_EQ(contents(dir_, "file", RESOLVE_BENEATH), "inner");
  EXPECT_EQ(contents(dir_, "link", RESOLVE_BENEATH), "inner");
  EXPECT_EQ(contents(at_, "dir/../file", RESOLVE_BENEATH), "outer");
  EXPECT_EQ(contents(at_, "dir/up", RESOLVE_BENEATH), "outer");
  expect_error(EXDEV, dir_, "../file", RESOLVE_BENEATH);
  expect_error(EXDEV, dir_, "up", RESOLVE_BENEATH);
  expect_error(EXDEV, dir_, "absolute", RESOLVE_BENEATH);
  expect_error(EXDEV, dir_, "/", RESOLVE_BENEATH);
  expect_error(EXDEV, dir_, "..", RESOLVE_BENEATH);
  expect_error(ENOENT, dir_, "no", RESOLVE_BENEATH);
}

TEST_F(Openat2, WithItsOwnRoot) {
  EXPECT_EQ(contents(dir_, "/file", RESOLVE_IN_ROOT), "inner");
  EXPECT_EQ(contents(dir_, "../../file", RESOLVE_IN_ROOT), "inner");
  EXPECT_EQ(contents(dir_, "up", RESOLVE_IN_ROOT), "inner");
  EXPECT_EQ(contents(dir_, "absolute", RESOLVE_IN_ROOT), "inner");
  EXPECT_EQ(contents(dir_, "up", 0), "outer");
}

TEST_F(Openat2, WithoutLinks) {
  EXPECT_EQ(contents(at_, "dir/file", RESOLVE_NO_SYMLINKS), "inner");
  expect_error(ELOOP, at_, "dir/link", RESOLVE_NO_SYMLINKS);
  expect_error(ELOOP, at_, "way/file", RESOLVE_NO_SYMLINKS);
  const int link =
      open2(at_, "dir/link", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  EXPECT_GE(link, 0);
  close(link);
  const std::string magic = "/proc/self/fd/" + std::to_string(at_);
  expect_error(ELOOP, AT_FDCWD, (magic + "/file").c_str(),
               RESOLVE_NO_MAGICLINKS);
  EXPECT_EQ(contents(AT_FDCWD, (magic + "/file").c_str(), 0), "outer");
  EXPECT_EQ(contents(at_, "way/file", RESOLVE_NO_MAGICLINKS), "inner");
}

TEST_F(Openat2, InOneMount) {
  EXPECT_EQ(contents(at_, "dir/file", RESOLVE_NO_XDEV), "inner");
  const int root = open("/", O_PATH | O_DIRECTORY);
  expect_error(EXDEV, root, "proc/version", RESOLVE_NO_XDEV);
  expect_error(EXDEV, root, "proc", RESOLVE_NO_XDEV);
  const int proc = open("/proc", O_PATH | O_DIRECTORY);
  expect_error(EXDEV, proc, "..", RESOLVE_NO_XDEV);
  const int version = open2(proc, "version", O_RDONLY, RESOLVE_NO_XDEV);
  EXPECT_GE(version, 0);
  close(version);
  close(proc);
  close(root);
}

TEST_F(Openat2, IsStrict) {
  EXPECT_ERRNO(EINVAL, open2(at_, "file", uint64_t{1} << 40, 0));
  EXPECT_ERRNO(EINVAL, open2(at_, "file", O_RDONLY, 0x1000));
  EXPECT_ERRNO(EINVAL, open2(at_, "file", O_RDONLY, 0, 0600));
  EXPECT_ERRNO(EINVAL, open2(at_, "file", O_RDWR | O_CREAT, 0, 0200000));
  EXPECT_ERRNO(EINVAL, open2(at_, "file", O_PATH | O_RDWR, 0));
  EXPECT_ERRNO(EINVAL,
               open2(at_, "file", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
  EXPECT_ERRNO(EAGAIN,
               open2(at_, "file", O_RDWR | O_CREAT, RESOLVE_CACHED, 0600));
  EXPECT_ERRNO(EBADF, open2(-1, "file", O_RDONLY, 0));
  EXPECT_ERRNO(EFAULT, open2(at_, nullptr, O_RDONLY, 0));
  struct {
    struct open_how how;
    uint64_t more;
  } larger = {{O_RDONLY, 0, 0}, 0};
  EXPECT_ERRNO(EINVAL, syscall(SYS_openat2, at_, "file", &larger, 16));
  EXPECT_ERRNO(E2BIG, syscall(SYS_openat2, at_, "file", &larger, 100'000));
  EXPECT_ERRNO(EFAULT, syscall(SYS_openat2, at_, "file", 8, 24));
  const long fd = syscall(SYS_openat2, at_, "file", &larger, sizeof(larger));
  EXPECT_GE(fd, 0);
  close(static_cast<int>(fd));
  larger.more = 1;
  EXPECT_ERRNO(E2BIG,
               syscall(SYS_openat2, at_, "file", &larger, sizeof(larger)));
}

// What is checked before anything would be mounted.
TEST_F(Openat2, MountErrors) {
  const std::string dir = directory_ / "dir";
  const char* const to = dir.c_str();
  if (geteuid() != 0 || mount("none", to, "no_such_type", 0, nullptr) == 0 ||
      errno == EPERM) {
    GTEST_SKIP() << "no right to mount";
  }
  EXPECT_EQ(errno, ENODEV);
  EXPECT_ERRNO(ENOENT, mount("none", (dir + "/no").c_str(), "tmpfs", 0, ""));
  EXPECT_ERRNO(EINVAL, mount("none", to, nullptr, 0, ""));
  EXPECT_ERRNO(EFAULT, mount("none", to, reinterpret_cast<char*>(8), 0, ""));
  EXPECT_ERRNO(ENOTDIR,
               mount("none", (directory_ / "file").c_str(), "tmpfs", 0, ""));
  EXPECT_ERRNO(EINVAL, umount(to));
  EXPECT_ERRNO(EINVAL, umount2(to, 0x1000));
  EXPECT_ERRNO(ENOENT, umount((dir + "/no").c_str()));
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(mount("none", to, "tmpfs", 0, nullptr) == -1);
    CHILD_CHECK(errno == EPERM || errno == EACCES);
    CHILD_CHECK(umount("/proc") == -1 && errno == EPERM);
    CHILD_CHECK(syscall(SYS_pivot_root, "/", "/") == -1 && errno == EPERM);
    return 0;
  });
  if (end != kNoOtherUser) {
    EXPECT_EQ(end, 0);
  }
}

}  // namespace
}  // namespace tine::guest
