// The raw clone system call as far as it makes processes.
// feature-map: 33, 34, 44, 70, 72, 77, 78, 79, 84, 85, 101, 104, 110
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

struct alignas(16) Stack {
  std::array<unsigned char, size_t{64} * 1024> bytes;
  void* top() { return bytes.data() + bytes.size(); }
};
Stack stack;

// In the type of wait4's options.
constexpr int kWaitClone = static_cast<int>(__WCLONE);

[[noreturn]] void leave(int status) {
  for (;;) raw_syscall(SYS_exit_group, status);
}

TEST(Clone, WithTheExitSignalOnlyIsFork) {
  const pid_t parent = getpid();
  const long pid = raw_clone(SIGCHLD);
  if (pid == 0) leave(getppid() == parent ? 21 : 1);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 21);
}

TEST(Clone, ChildSettidWritesTheChildsMemoryOnly) {
  volatile int tid = -5;
  const long pid = raw_clone(CLONE_CHILD_SETTID | SIGCHLD, nullptr, nullptr,
                             const_cast<int*>(&tid));
  if (pid == 0) leave(tid == getpid() ? 0 : 1);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 0);
  EXPECT_EQ(tid, -5);
}

TEST(Clone, ParentSettidWritesBeforeEitherRuns) {
  volatile int tid = -5;
  const long pid =
      raw_clone(CLONE_PARENT_SETTID | SIGCHLD, nullptr, const_cast<int*>(&tid));
  if (pid == 0) leave(0);
  EXPECT_EQ(tid, pid);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 0);
}

TEST(Clone, ParentSettidToABadAddressHarmsNothing) {
  const long pid = raw_clone(CLONE_PARENT_SETTID | SIGCHLD, nullptr,
                             reinterpret_cast<int*>(8));
  if (pid == 0) leave(22);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 22);
}

TEST(Clone, ChildSettidToABadAddressHarmsNothing) {
  const long pid = raw_clone(CLONE_CHILD_SETTID | SIGCHLD, nullptr, nullptr,
                             reinterpret_cast<int*>(8));
  if (pid == 0) leave(23);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 23);
}

TEST(Clone, VmAndVforkShareMemoryAndBlockTheParent) {
  static volatile int written;
  written = 0;
  const pid_t pid = clone(
      [](void*) {
        for (int i = 0; i < 200; ++i) sched_yield();
        written = 44;
        return 24;
      },
      stack.top(), CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr);
  EXPECT_EQ(written, 44);
  EXPECT_EQ(wait_for(pid), 24);
}

TEST(Clone, VforkWithoutVmBlocksTheParentToo) {
  Shared<int> written;
  const long pid = raw_clone(CLONE_VFORK | SIGCHLD);
  if (pid == 0) {
    for (int i = 0; i < 200; ++i) sched_yield();
    *written = 45;
    leave(25);
  }
  EXPECT_EQ(*written, 45);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 25);
}

TEST(Clone, VmAloneRunsBesideTheParent) {
  static volatile int turn;
  turn = 0;
  const pid_t pid = clone(
      [](void*) {
        while (turn != 1) sched_yield();
        turn = 2;
        return 26;
      },
      stack.top(), CLONE_VM | SIGCHLD, nullptr);
  ASSERT_GT(pid, 0);
  turn = 1;
  while (turn != 2) sched_yield();
  EXPECT_EQ(wait_for(pid), 26);
}

TEST(Clone, ChildClearsItsTidInSharedMemoryWhenItEnds) {
  static volatile int tid;
  tid = -5;
  const pid_t pid =
      clone([](void*) { return tid == getpid() ? 27 : 1; }, stack.top(),
            CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
                SIGCHLD,
            nullptr, nullptr, nullptr, const_cast<int*>(&tid));
  EXPECT_EQ(wait_for(pid), 27);
  EXPECT_EQ(tid, 0);
}

TEST(Clone, WithAStackRunsOnThatStack) {
  static const void* seen;
  const pid_t pid = clone(
      [](void*) {
        char here = 0;
        seen = &here;
        return 28;
      },
      stack.top(), CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr);
  EXPECT_EQ(wait_for(pid), 28);
  EXPECT_GE(seen, stack.bytes.data());
  EXPECT_LT(seen, stack.top());
}

TEST(Clone, WithoutFilesDescriptorsArePrivate) {
  const int fd = open("/dev/null", O_RDONLY);
  EXPECT_EQ(run_child([fd] { return close(fd); }), 0);
  char byte;
  EXPECT_EQ(read(fd, &byte, 1), 0);
  close(fd);
}

TEST(Clone, WithFilesDescriptorsAreShared) {
  const int mine = open("/dev/null", O_RDONLY);
  Shared<int> fd;
  const long pid = raw_clone(CLONE_FILES | SIGCHLD);
  if (pid == 0) {
    *fd = open("/dev/null", O_RDONLY);
    leave(close(mine));
  }
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 0);
  char byte;
  EXPECT_EQ(read(*fd, &byte, 1), 0);
  EXPECT_EQ(close(*fd), 0);
  EXPECT_EQ(read(mine, &byte, 1), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST(Clone, ParentMakesASibling) {
  Shared<long> sibling;
  const pid_t parent = getpid();
  EXPECT_EQ(run_child([&] {
              const long pid = raw_clone(CLONE_PARENT | SIGCHLD);
              if (pid == 0) leave(getppid() == parent ? 29 : 1);
              *sibling = pid;
              CHILD_CHECK(waitpid(static_cast<pid_t>(pid), nullptr, 0) == -1);
              CHILD_CHECK(errno == ECHILD);
              return 0;
            }),
            0);
  EXPECT_EQ(wait_for(static_cast<pid_t>(*sibling)), 29);
}

// A child whose end raises no SIGCHLD is a "clone child" of wait4.
TEST(Clone, WithoutExitSignalIsWaitedForByWclone) {
  const long raw_pid = raw_clone(0);
  if (raw_pid == 0) leave(30);
  const auto pid = static_cast<pid_t>(raw_pid);
  int status = 0;
  EXPECT_EQ(wait4(pid, &status, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(wait4(pid, &status, kWaitClone, nullptr), pid);
  EXPECT_EQ(end_of(status), 30);

  const pid_t ordinary = start_child([] { return 31; });
  EXPECT_EQ(wait4(ordinary, &status, kWaitClone, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(wait4(ordinary, &status, __WALL, nullptr), ordinary);
  EXPECT_EQ(end_of(status), 31);
}

TEST(Clone, RefusesFlagsThatContradict) {
  const uint64_t refused[] = {
      CLONE_SIGHAND | SIGCHLD,           CLONE_THREAD | SIGCHLD,
      CLONE_THREAD | CLONE_VM | SIGCHLD, CLONE_THREAD | CLONE_SIGHAND,
      CLONE_FS | CLONE_NEWNS | SIGCHLD,  CLONE_FS | CLONE_NEWUSER | SIGCHLD,
  };
  for (const uint64_t flags : refused) {
    const long pid = raw_clone(flags);
    if (pid == 0) leave(0);
    EXPECT_EQ(pid, -EINVAL) << std::hex << flags;
    if (pid > 0) wait_for(static_cast<pid_t>(pid));
  }
  EXPECT_EQ(wait4(-1, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Clone, StackThatIsNotAligned) {
  const long pid = raw_clone(CLONE_VFORK | SIGCHLD,
                             static_cast<unsigned char*>(stack.top()) - 8);
  // The child must not touch its stack, whose top holds nothing: a store to
  // null ends it.
  if (pid == 0) *reinterpret_cast<volatile int*>(0) = 1;
  if (kUnalignedStackMayBeRefused && pid < 0) {
    EXPECT_EQ(pid, -EINVAL);
  } else {
    EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), -SIGSEGV);
  }
}

__attribute__((noinline)) pid_t vfork_and_leave(volatile int* word) {
  const pid_t pid = vfork();
  if (pid == 0) {
    for (int i = 0; i < 200; ++i) sched_yield();
    *word = 46;
    _exit(32);
  }
  return pid;
}

TEST(Vfork, SharesMemoryAndBlocksTheParent) {
  volatile int word = 0;
  const pid_t pid = vfork_and_leave(&word);
  EXPECT_EQ(word, 46);
  EXPECT_EQ(wait_for(pid), 32);
}

TEST(Vfork, FiftyInARow) {
  volatile int word = 0;
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(wait_for(vfork_and_leave(&word)), 32);
  }
}

}  // namespace
}  // namespace tine::guest
