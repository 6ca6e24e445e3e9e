// waitid and the rarer options of both waits.
// feature-map: 49, 54, 56, 85, 94
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <thread>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr int kPidFd = 3;  // P_PIDFD

// The bare call: 0 or a negated errno.
long wait_id(int kind, long id, siginfo_t* info, int options,
             rusage* usage = nullptr) {
  return raw_syscall(SYS_waitid, kind, id, reinterpret_cast<long>(info),
                     static_cast<unsigned>(options),
                     reinterpret_cast<long>(usage));
}

siginfo_t filled() {
  siginfo_t info;
  memset(&info, 0x5a, sizeof(info));
  return info;
}

TEST(Waitid, TellsHowAChildEnded) {
  const pid_t exited = start_child([] { return 0x123; });
  siginfo_t info = filled();
  EXPECT_EQ(wait_id(P_PID, exited, &info, WEXITED), 0);
  EXPECT_EQ(info.si_signo, SIGCHLD);
  EXPECT_EQ(info.si_errno, 0);
  EXPECT_EQ(info.si_code, CLD_EXITED);
  EXPECT_EQ(info.si_pid, exited);
  EXPECT_EQ(info.si_uid, getuid());
  EXPECT_EQ(info.si_status, 0x23);
  const pid_t killed = start_child([] {
    for (;;) pause();
    return 0;
  });
  kill(killed, SIGTERM);
  EXPECT_EQ(wait_id(P_ALL, 0, &info, WEXITED), 0);
  EXPECT_EQ(info.si_code, CLD_KILLED);
  EXPECT_EQ(info.si_pid, killed);
  EXPECT_EQ(info.si_status, SIGTERM);
}

TEST(Waitid, WritesNoMoreThanItsFields) {
  siginfo_t info = filled();
  EXPECT_EQ(wait_id(P_PID, start_child([] { return 1; }), &info, WEXITED), 0);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&info);
  for (size_t i = 28; i < sizeof(info); ++i) EXPECT_EQ(bytes[i], 0x5a) << i;
}

TEST(Waitid, SaysNothingByZeros) {
  Shared<std::atomic<bool>> go;
  const pid_t child = start_child([&] {
    while (!*go) sched_yield();
    return 2;
  });
  siginfo_t info = filled();
  EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED | WNOHANG), 0);
  EXPECT_EQ(info.si_signo, 0);
  EXPECT_EQ(info.si_code, 0);
  EXPECT_EQ(info.si_pid, 0);
  EXPECT_EQ(info.si_status, 0);
  *go = true;
  EXPECT_EQ(wait_id(P_PID, child, nullptr, WEXITED), 0);
  info = filled();
  EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED), -ECHILD);
  EXPECT_EQ(info.si_signo, 0);
}

TEST(Waitid, LeavesTheChildWithNowait) {
  const pid_t child = start_child([] { return 3; });
  for (int i = 0; i < 3; ++i) {
    siginfo_t info{};
    EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(info.si_status, 3);
  }
  EXPECT_EQ(wait_for(child), 3);
}

TEST(Waitid, WithoutWexitedDoesNotTakeTheDead) {
  const pid_t child = start_child([] { return 4; });
  siginfo_t info{};
  EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED | WNOWAIT), 0);
  // It will never stop or continue again.
  EXPECT_EQ(wait_id(P_PID, child, &info, WSTOPPED | WNOHANG), -ECHILD);
  EXPECT_EQ(wait_id(P_PID, child, &info, WSTOPPED | WCONTINUED), -ECHILD);
  EXPECT_EQ(wait_for(child), 4);
}

TEST(Waitid, Arguments) {
  const pid_t child = start_child([] { return 5; });
  siginfo_t info{};
  EXPECT_EQ(wait_id(P_ALL, 0, &info, 0), -EINVAL);
  EXPECT_EQ(wait_id(P_ALL, 0, &info, WNOHANG), -EINVAL);
  EXPECT_EQ(wait_id(P_ALL, 0, &info, WEXITED | 0x10), -EINVAL);
  EXPECT_EQ(wait_id(P_PID, 0, &info, WEXITED), -EINVAL);
  EXPECT_EQ(wait_id(P_PID, -1, &info, WEXITED), -EINVAL);
  EXPECT_EQ(wait_id(P_PGID, -1, &info, WEXITED), -EINVAL);
  EXPECT_EQ(wait_id(4, 1, &info, WEXITED), -EINVAL);
  EXPECT_EQ(wait_id(kPidFd, -1, &info, WEXITED), -EINVAL);
  EXPECT_EQ(wait_id(kPidFd, 777, &info, WEXITED), -EBADF);
  EXPECT_EQ(wait_id(kPidFd, 1, &info, WEXITED), -EBADF);
  auto* const nowhere = reinterpret_cast<siginfo_t*>(64);
  EXPECT_EQ(wait_id(P_PID, child, nowhere, WEXITED), -EFAULT);
  EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED), -ECHILD);  // it was taken
}

TEST(Waitid, ByProcessGroup) {
  const pid_t child = start_child([] { return 6; });
  siginfo_t info{};
  EXPECT_EQ(wait_id(P_PGID, getpgrp(), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(wait_id(P_PGID, 0, &info, WEXITED), 0);
  EXPECT_EQ(info.si_pid, child);
  const pid_t other = start_child([] {
    setpgid(0, 0);
    return 7;
  });
  EXPECT_EQ(wait_id(P_PID, other, &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(wait_id(P_PGID, 0, &info, WEXITED), -ECHILD);
  EXPECT_EQ(wait4(-other, nullptr, 0, nullptr), other);
}

TEST(Waitid, TellsTheUsageLast) {
  rusage usage;
  memset(&usage, 0x5a, sizeof(usage));
  siginfo_t info{};
  const pid_t child = start_child([] {
    static volatile char touched[1 << 20];
    for (size_t i = 0; i < sizeof(touched); i += 4096) touched[i] = 1;
    return 0;
  });
  EXPECT_EQ(wait_id(P_PID, child, &info, WEXITED, &usage), 0);
  EXPECT_GE(usage.ru_minflt, 200);
  EXPECT_GE(usage.ru_maxrss, 1000);
}

TEST(WaitOptions, WnothreadTakesOnesOwnChildrenOnly) {
  constexpr int kNoThread = __WNOTHREAD;
  Shared<std::atomic<bool>> go;
  std::atomic<pid_t> child = 0;
  std::atomic<bool> stop = false;
  std::thread creator([&] {
    child = start_child([&] {
      while (!*go) sched_yield();
      return 8;
    });
    EXPECT_EQ(wait4(child, nullptr, kNoThread | WNOHANG, nullptr), 0);
    while (!stop) sched_yield();
  });
  while (child == 0) sched_yield();
  EXPECT_EQ(wait4(-1, nullptr, kNoThread | WNOHANG, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(wait4(-1, nullptr, WNOHANG, nullptr), 0);
  stop = true;
  creator.join();
  *go = true;
  EXPECT_EQ(wait_for(child), 8);
}

TEST(WaitOptions, NoticesAChildWhoseGroupChanges) {
  const pid_t child = start_child([] {
    usleep(10'000);
    return 9;
  });
  ASSERT_EQ(setpgid(child, child), 0);
  EXPECT_EQ(wait4(0, nullptr, WNOHANG, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(wait4(-child, nullptr, 0, nullptr), child);
}

TEST(WaitOptions, StatusAndUsageThatCannotBeWritten) {
  auto* const status = reinterpret_cast<int*>(64);
  auto* const usage = reinterpret_cast<rusage*>(64);
  pid_t child = start_child([] { return 0; });
  EXPECT_EQ(wait4(child, status, 0, nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(wait4(child, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  child = start_child([] { return 0; });
  EXPECT_EQ(wait4(child, nullptr, 0, usage), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST(WaitOptions, ChildrensUsageAddsUpWhenTheyAreTaken) {
  EXPECT_EQ(run_child([] {
              rusage before{};
              CHILD_CHECK(getrusage(RUSAGE_CHILDREN, &before) == 0);
              CHILD_CHECK(before.ru_minflt == 0);
              const pid_t child = start_child([] {
                static volatile char touched[1 << 20];
                for (size_t i = 0; i < sizeof(touched); i += 4096) {
                  touched[i] = 1;
                }
                return 0;
              });
              siginfo_t info{};
              CHILD_CHECK(wait_id(P_PID, child, &info, WEXITED | WNOWAIT) == 0);
              CHILD_CHECK(getrusage(RUSAGE_CHILDREN, &before) == 0);
              CHILD_CHECK(before.ru_minflt == 0);
              CHILD_CHECK(wait_for(child) == 0);
              rusage after{};
              CHILD_CHECK(getrusage(RUSAGE_CHILDREN, &after) == 0);
              return after.ru_minflt >= 200 ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
