// pidfds that clone makes, and pid namespaces by them.
// feature-map: 101
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "tests/guest/pid_namespaces.h"
#include "tests/guest/poll/pidfds.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

TEST(PidFd, CloneGivesOne) {
  const int before = count_descriptors();
  const Cloned cloned = fork_with_pidfd();
  if (cloned.pid == 0) {
    // It is the parent's alone.
    _exit(count_descriptors() == before ? 2 : 1);
  }
  ASSERT_GT(cloned.pid, 0);
  EXPECT_EQ(count_descriptors(), before + 1);
  EXPECT_EQ(fcntl(cloned.fd, F_GETFD), FD_CLOEXEC);
  siginfo_t info{};
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(cloned.fd), &info, WEXITED), 0);
  EXPECT_EQ(info.si_pid, cloned.pid);
  EXPECT_EQ(info.si_status, 2);
  close(cloned.fd);
}

TEST(PidFd, SharedTablesShareIt) {
  const int before = count_descriptors();
  const Cloned cloned = fork_with_pidfd(CLONE_FILES);
  if (cloned.pid == 0) _exit(count_descriptors() == before + 1 ? 2 : 1);
  ASSERT_GT(cloned.pid, 0);
  EXPECT_EQ(wait_for(static_cast<pid_t>(cloned.pid)), 2);
  close(cloned.fd);
}

TEST(PidFd, Clone3GivesOneAndBothNumbers) {
  int fd = -1;
  pid_t tid = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_VFORK;
  arguments.pidfd = reinterpret_cast<uintptr_t>(&fd);
  arguments.parent_tid = reinterpret_cast<uintptr_t>(&tid);
  arguments.exit_signal = SIGCHLD;
  const long child = syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (child == 0) _exit(4);
  ASSERT_GT(child, 0);
  EXPECT_EQ(tid, child);
  EXPECT_TRUE(is_readable(fd, 20'000));
  EXPECT_EQ(wait_for(tid), 4);
  close(fd);
}

TEST(PidFd, CloneRefuses) {
  // Kept for another meaning of that flag.
  constexpr unsigned long kDetached = 0x40'0000;
  errno = 0;
  const Cloned detached = fork_with_pidfd(kDetached);
  if (detached.pid == 0) _exit(0);
  EXPECT_EQ(detached.pid, -1);
  EXPECT_EQ(errno, EINVAL);
  // Both would be stored in one place.
  errno = 0;
  const Cloned cloned = fork_with_pidfd(CLONE_PARENT_SETTID);
  if (cloned.pid == 0) _exit(0);
  EXPECT_EQ(cloned.pid, -1);
  EXPECT_EQ(errno, EINVAL);
  const int before = count_descriptors();
  errno = 0;
  const long child =
      syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, 8, nullptr, 0);
  if (child == 0) _exit(0);
  EXPECT_EQ(child, -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(count_descriptors(), before) << "nothing is left of it";
  EXPECT_EQ(wait(nullptr), -1);
}

// A process of a namespace sees none of those outside, not by descriptors.
TEST(PidFd, NamespacesHide) {
  if (!may_make_pid_namespaces()) GTEST_SKIP() << "not allowed here";
  const int fd = pidfd_open(getpid());
  ASSERT_GE(fd, 0);
  EXPECT_EQ(run_process_one([&] {
              CHILD_CHECK(pidfd_send(fd, 0) == -1 && errno == EINVAL);
              const int own = pidfd_open(1);
              CHILD_CHECK(own >= 0 && pidfd_send(own, 0) == 0);
              const Cloned cloned = fork_with_pidfd();
              if (cloned.pid == 0) _exit(6);
              siginfo_t info{};
              CHILD_CHECK(waitid(kIdPidFd, static_cast<id_t>(cloned.fd), &info,
                                 WEXITED) == 0);
              CHILD_CHECK(info.si_pid == 2 && info.si_status == 6);
              return 0;
            }),
            0);
  close(fd);
}

// Whether the first namespaces belong to a user outside of this one's.
bool is_sandboxed() {
  std::ifstream map("/proc/self/uid_map");
  uint64_t first, outside, count;
  return map >> first >> outside >> count && count != 0xffff'ffff;
}

// setns by a descriptor of a process in other namespaces.
TEST(PidFd, EntersNamespaces) {
  if (!may_make_pid_namespaces()) GTEST_SKIP() << "not allowed here";
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t one = fork_with(CLONE_NEWPID | CLONE_NEWUTS);
  if (one == 0) {
    CHILD_CHECK(sethostname("entered", 7) == 0);
    CHILD_CHECK(write(ends[1], "x", 1) == 1);
    _exit(sleep_on());
  }
  ASSERT_GT(one, 0);
  char byte;
  ASSERT_EQ(read(ends[0], &byte, 1), 1);
  const int fd = pidfd_open(one);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setns(fd, 0) == -1 && errno == EINVAL);
              CHILD_CHECK(setns(fd, CLONE_NEWUTS | CLONE_VM) == -1 &&
                          errno == EINVAL);
              CHILD_CHECK(setns(fd, CLONE_NEWPID | CLONE_NEWUTS) == 0);
              char name[16] = {};
              CHILD_CHECK(gethostname(name, sizeof(name)) == 0);
              CHILD_CHECK(std::string(name) == "entered");
              CHILD_CHECK(run_child([] {
                            return getpid() == 2 && getppid() == 0 ? 0 : 1;
                          }) == 0);
              // And back, which names an outer one: not for pids.
              const int self = pidfd_open(getppid());
              const int result = setns(self, CLONE_NEWUTS);
              if (result == -1 && errno == EPERM && is_sandboxed()) return 0;
              CHILD_CHECK(result == 0);
              CHILD_CHECK(setns(self, CLONE_NEWPID) == 0);
              CHILD_CHECK(run_child([] { return getpid() > 2 ? 0 : 1; }) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(run_process_one([&] {
              const int own = pidfd_open(1);
              CHILD_CHECK(setns(own, CLONE_NEWPID) == 0);
              // Neither around nor beside.
              CHILD_CHECK(setns(fd, CLONE_NEWPID) == -1 && errno == EINVAL);
              return 0;
            }),
            0);
  const int end = run_child([&] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    CHILD_CHECK(setns(fd, CLONE_NEWUTS) == -1 && errno == EPERM);
    return 0;
  });
  EXPECT_TRUE(end == 0 || end == kNoOtherUser) << end;
  EXPECT_EQ(kill(one, SIGKILL), 0);
  EXPECT_EQ(wait_for(one), -SIGKILL);
  EXPECT_EQ(run_child([&] {
              return setns(fd, CLONE_NEWUTS) == -1 && errno == ESRCH ? 0 : 1;
            }),
            0);
  close(fd);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
