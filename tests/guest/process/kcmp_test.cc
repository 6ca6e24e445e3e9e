// kcmp: what clone shares, and what it does not.
// feature-map: 62, 70, 71, 72
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/clone_calls.h"

namespace tine::guest {
namespace {

// 0: the same, 1 and 2: one is before the other; or minus the errno.
long compare(int one, int other, int what, long first = 0, long second = 0) {
  const long result = syscall(SYS_kcmp, one, other, what, first, second);
  return result < 0 ? -errno : result;
}

// Whether an object and another are told apart in the same way from both sides.
bool differ(int one, int other, int what, long first = 0, long second = 0) {
  const long result = compare(one, other, what, first, second);
  return (result == 1 || result == 2) &&
         compare(other, one, what, second, first) == 3 - result;
}

// A child that stands still until it is killed.
class Still {
 public:
  explicit Still(uint64_t flags)
      : pid_(clone(
            [](void*) -> int {
              for (;;) pause();
            },
            stack.top(), static_cast<int>(flags) | SIGCHLD, nullptr)) {}
  ~Still() {
    kill(pid_, SIGKILL);
    wait_for(pid_);
  }
  Still(const Still&) = delete;
  Still& operator=(const Still&) = delete;
  int pid() const { return pid_; }

 private:
  static inline Stack stack;
  int pid_;
};

TEST(Kcmp, TheSameIsTheSame) {
  for (const int what :
       {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM}) {
    EXPECT_EQ(compare(getpid(), getpid(), what), 0) << what;
    EXPECT_EQ(compare(getpid(), gettid(), what, 7, 8), 0) << what;
  }
  std::thread([main_thread = gettid()] {
    for (const int what : {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND}) {
      EXPECT_EQ(compare(main_thread, gettid(), what), 0) << what;
    }
  }).join();
}

TEST(Kcmp, AForkSharesOpenFilesAndNothingElse) {
  const Still child(0);
  for (const int what : {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND}) {
    EXPECT_TRUE(differ(getpid(), child.pid(), what)) << what;
  }
  EXPECT_EQ(compare(getpid(), child.pid(), KCMP_FILE, 0, 0), 0);
}

TEST(Kcmp, CloneSharesWhatItsFlagsSay) {
  const struct {
    uint64_t flags;
    int what;
  } shared[] = {
      {CLONE_VM, KCMP_VM}, {CLONE_FILES, KCMP_FILES},
      {CLONE_FS, KCMP_FS}, {CLONE_VM | CLONE_SIGHAND, KCMP_SIGHAND},
      {CLONE_IO, KCMP_IO}, {CLONE_SYSVSEM, KCMP_SYSVSEM},
  };
  for (const auto& one : shared) {
    const Still child(one.flags);
    EXPECT_EQ(compare(getpid(), child.pid(), one.what), 0) << one.what;
    for (const int what : {KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND}) {
      if (what == one.what) continue;
      if (what == KCMP_VM && (one.flags & CLONE_VM) != 0) continue;
      EXPECT_TRUE(differ(getpid(), child.pid(), what)) << what;
    }
  }
}

TEST(Kcmp, UnshareLeavesWhatIsShared) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  static Stack stack;
  const int child = clone(
      [](void* to) -> int {
        if (unshare(CLONE_FILES | CLONE_FS) != 0) return 1;
        if (write(*static_cast<int*>(to), "x", 1) != 1) return 2;
        for (;;) pause();
      },
      stack.top(), CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, &ends[1]);
  ASSERT_GT(child, 0);
  char byte;
  ASSERT_EQ(read(ends[0], &byte, 1), 1);
  EXPECT_TRUE(differ(getpid(), child, KCMP_FILES));
  EXPECT_TRUE(differ(getpid(), child, KCMP_FS));
  EXPECT_EQ(compare(getpid(), child, KCMP_VM), 0);
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  close(ends[0]);
  close(ends[1]);
}

// An open file is the same by whichever descriptor; another open() of the same
// file is another one.
TEST(Kcmp, OpenFiles) {
  const int one = open("/dev/null", O_RDWR);
  const int copy = dup(one);
  const int other = open("/dev/null", O_RDWR);
  const int path = open("/dev/null", O_PATH);
  const int self = getpid();
  EXPECT_EQ(compare(self, self, KCMP_FILE, one, copy), 0);
  EXPECT_TRUE(differ(self, self, KCMP_FILE, one, other));
  EXPECT_TRUE(differ(self, self, KCMP_FILE, one, path));
  EXPECT_EQ(compare(self, self, KCMP_FILE, path, path), 0);
  // Only the low word of a descriptor counts.
  EXPECT_EQ(compare(self, self, KCMP_FILE, one + (1L << 32), one), 0);
  const Still child(0);
  EXPECT_EQ(compare(self, child.pid(), KCMP_FILE, one, copy), 0);
  EXPECT_TRUE(differ(self, child.pid(), KCMP_FILE, one, other));
  close(copy);
  EXPECT_EQ(compare(self, child.pid(), KCMP_FILE, copy, copy), -EBADF);
  EXPECT_EQ(compare(child.pid(), self, KCMP_FILE, copy, one), 0);
  for (const long bad : {long{INT_MAX}, -1L, long{INT_MIN}, 1000L}) {
    EXPECT_EQ(compare(self, self, KCMP_FILE, one, bad), -EBADF);
    EXPECT_EQ(compare(self, self, KCMP_FILE, bad, one), -EBADF);
  }
  close(one);
  close(other);
  close(path);
}

TEST(Kcmp, FilesOfAnEpollSet) {
  const int set = epoll_create1(0);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  constexpr int kNumber = 300;
  ASSERT_EQ(dup2(ends[0], kNumber), kNumber);
  epoll_event event{.events = EPOLLIN, .data = {}};
  ASSERT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, kNumber, &event), 0);
  const int self = getpid();
  // The second file that is watched by this number.
  ASSERT_EQ(dup2(ends[1], kNumber), kNumber);
  event.events = EPOLLOUT;
  ASSERT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, kNumber, &event), 0);
  const auto target = [&](int file, kcmp_epoll_slot slot) {
    return compare(self, self, KCMP_EPOLL_TFD, file,
                   reinterpret_cast<long>(&slot));
  };
  const auto slot = [&](uint32_t skip) {
    return kcmp_epoll_slot{static_cast<uint32_t>(set), kNumber, skip};
  };
  // Which of them is the first is not said.
  const bool is_read_first = target(ends[0], slot(0)) == 0;
  EXPECT_EQ(target(ends[0], slot(is_read_first ? 0 : 1)), 0);
  EXPECT_EQ(target(ends[1], slot(is_read_first ? 1 : 0)), 0);
  EXPECT_NE(target(ends[1], slot(is_read_first ? 0 : 1)), 0);
  EXPECT_EQ(target(ends[0], slot(2)), -ENOENT);
  EXPECT_EQ(target(ends[0], {static_cast<uint32_t>(set), 301, 0}), -ENOENT);
  EXPECT_EQ(target(1000, slot(0)), -EBADF);
  EXPECT_EQ(target(ends[0], {1000, kNumber, 0}), -EBADF);
  EXPECT_EQ(target(ends[0], {static_cast<uint32_t>(ends[0]), kNumber, 0}),
            -EINVAL);
  EXPECT_EQ(compare(self, self, KCMP_EPOLL_TFD, ends[0], 8), -EFAULT);
  EXPECT_EQ(compare(self, self, KCMP_EPOLL_TFD, 1000, 8), -EFAULT);
  for (const int fd : {set, ends[0], ends[1], kNumber}) close(fd);
}

TEST(Kcmp, WhatIsRefused) {
  const int self = getpid();
  for (const int what : {-1, 8, 100, INT_MAX, INT_MIN}) {
    EXPECT_EQ(compare(self, self, what), -EINVAL) << what;
  }
  const pid_t gone = start_child([] { return 0; });
  EXPECT_EQ(wait_for(gone), 0);
  for (const int pid : {gone, 0, -1, -self, INT_MAX, INT_MIN}) {
    EXPECT_EQ(compare(pid, self, KCMP_VM), -ESRCH) << pid;
    EXPECT_EQ(compare(self, pid, KCMP_VM), -ESRCH) << pid;
    EXPECT_EQ(compare(self, pid, 100), -ESRCH) << pid;
  }
}

// Who may not look into a process is told nothing about it.
TEST(Kcmp, OnlyWhoMayTraceIsTold) {
  const int self = getpid();
  const int end = run_child([self] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(compare(self, getpid(), KCMP_VM) == -EPERM);
    CHILD_CHECK(compare(getpid(), self, KCMP_FILE, 0, 0) == -EPERM);
    CHILD_CHECK(compare(getpid(), self, 100) == -EPERM);
    // Itself it may always, its own children only if they are open to it.
    CHILD_CHECK(compare(getpid(), getpid(), KCMP_VM) == 0);
    prctl(PR_SET_DUMPABLE, 1);
    const pid_t open = start_child([]() -> int {
      for (;;) pause();
    });
    CHILD_CHECK(differ(getpid(), open, KCMP_VM));
    kill(open, SIGKILL);
    CHILD_CHECK(wait_for(open) == -SIGKILL);
    prctl(PR_SET_DUMPABLE, 0);
    const pid_t closed = start_child([]() -> int {
      for (;;) pause();
    });
    CHILD_CHECK(compare(getpid(), closed, KCMP_VM) == -EPERM);
    kill(closed, SIGKILL);
    CHILD_CHECK(wait_for(closed) == -SIGKILL);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user here";
  EXPECT_EQ(end, 0);
}

// A zombie has no memory and no files any more.
TEST(Kcmp, OfZombies) {
  const pid_t child = start_child([] { return 0; });
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT),
            0);
  const pid_t other = start_child([] { return 0; });
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(other), &info, WEXITED | WNOWAIT),
            0);
  EXPECT_TRUE(differ(getpid(), child, KCMP_VM));
  EXPECT_TRUE(differ(getpid(), child, KCMP_FILES));
  EXPECT_EQ(compare(other, child, KCMP_VM), 0);
  EXPECT_EQ(compare(other, child, KCMP_FILES), 0);
  EXPECT_EQ(compare(other, child, KCMP_FS), 0);
  EXPECT_EQ(compare(getpid(), child, KCMP_FILE, 0, 0), -EBADF);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(wait_for(other), 0);
}

// With CLONE_IO a change of the priority is one of both; otherwise it is
// copied.
TEST(Kcmp, IoContexts) {
  constexpr int kProcess = 1;
  const auto level = [](int n) { return 2 << 13 | n; };
  EXPECT_EQ(
      run_child([&] {
        CHILD_CHECK(syscall(SYS_ioprio_set, kProcess, 0, level(3)) == 0);
        {
          const Still child(CLONE_IO);
          CHILD_CHECK(compare(getpid(), child.pid(), KCMP_IO) == 0);
          CHILD_CHECK(
              syscall(SYS_ioprio_set, kProcess, child.pid(), level(5)) == 0);
          CHILD_CHECK(syscall(SYS_ioprio_get, kProcess, 0) == level(5));
        }
        const Still child(0);
        CHILD_CHECK(differ(getpid(), child.pid(), KCMP_IO));
        CHILD_CHECK(syscall(SYS_ioprio_get, kProcess, child.pid()) == level(5));
        CHILD_CHECK(syscall(SYS_ioprio_set, kProcess, child.pid(), level(1)) ==
                    0);
        CHILD_CHECK(syscall(SYS_ioprio_get, kProcess, 0) == level(5));
        return 0;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
