// Namespaces: host names can be a process's own; the others are refused as by a
// kernel without them, and unshare takes apart what clone shared.
// feature-map: 74
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

std::string host_name() {
  utsname name{};
  EXPECT_EQ(uname(&name), 0);
  return name.nodename;
}

// The build's own machine may forbid it.
bool may_make_namespaces() {
  return run_child([] { return unshare(CLONE_NEWUTS) == 0 ? 0 : 1; }) == 0;
}

TEST(Namespace, HostNameIsPrivate) {
  if (!may_make_namespaces()) GTEST_SKIP() << "not allowed here";
  const std::string before = host_name();
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(unshare(CLONE_NEWUTS) == 0);
              CHILD_CHECK(host_name() == before);
              CHILD_CHECK(sethostname("inner", 5) == 0);
              CHILD_CHECK(setdomainname("field", 5) == 0);
              // Children are in it, too.
              return run_child([] {
                utsname name{};
                CHILD_CHECK(uname(&name) == 0);
                CHILD_CHECK(std::string(name.nodename) == "inner");
                CHILD_CHECK(std::string(name.domainname) == "field");
                return 0;
              });
            }),
            0);
  EXPECT_EQ(host_name(), before);
}

TEST(Namespace, CloneMakesOne) {
  if (!may_make_namespaces()) GTEST_SKIP() << "not allowed here";
  const std::string before = host_name();
  const long child =
      syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, nullptr, nullptr, nullptr, 0);
  if (child == 0) {
    CHILD_CHECK(host_name() == before);
    CHILD_CHECK(sethostname("clone", 5) == 0);
    CHILD_CHECK(host_name() == "clone");
    _exit(0);
  }
  ASSERT_GT(child, 0);
  EXPECT_EQ(wait_for(static_cast<pid_t>(child)), 0);
  EXPECT_EQ(host_name(), before);
}

TEST(Namespace, OnlyRootMayMakeOne) {
  const int end = run_child([] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(unshare(CLONE_NEWUTS) == -1 && errno == EPERM);
    errno = 0;
    const long child = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, nullptr,
                               nullptr, nullptr, 0);
    if (child == 0) _exit(1);
    CHILD_CHECK(child == -1 && errno == EPERM);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST(Namespace, BadFlagsAndDescriptorsAreRefused) {
  errno = 0;
  EXPECT_EQ(unshare(0x1), -1);
  EXPECT_EQ(errno, EINVAL);
  errno = 0;
  EXPECT_EQ(setns(-1, 0), -1);
  EXPECT_EQ(errno, EBADF);
  const int fd = open("/dev/null", O_RDONLY);
  ASSERT_GE(fd, 0);
  errno = 0;
  EXPECT_EQ(setns(fd, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  close(fd);
}

TEST(Unshare, OfASingleThreadIsNothing) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(unshare(0) == 0);
        CHILD_CHECK(unshare(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) == 0);
        CHILD_CHECK(unshare(CLONE_FILES | CLONE_FS) == 0);
        return 0;
      }),
      0);
}

// A child that shares all of its parent's files until it says so.
TEST(Unshare, FilesAndDirectoryBecomeOwn) {
  for (const bool leaves : {false, true}) {
    const int fd = open("/dev/null", O_RDONLY);
    ASSERT_GE(fd, 0);
    const mode_t mask = umask(022);
    const long child = syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD,
                               nullptr, nullptr, nullptr, 0);
    if (child == 0) {
      if (leaves) CHILD_CHECK(unshare(CLONE_FILES | CLONE_FS) == 0);
      CHILD_CHECK(close(fd) == 0);
      (void)umask(077);
      _exit(0);
    }
    ASSERT_GT(child, 0);
    EXPECT_EQ(wait_for(static_cast<pid_t>(child)), 0);
    EXPECT_EQ(fcntl(fd, F_GETFD) == -1, !leaves);
    EXPECT_EQ(umask(mask), leaves ? 022u : 077u);
    if (leaves) close(fd);
  }
}

}  // namespace
}  // namespace tine::guest
