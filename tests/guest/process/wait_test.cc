// wait4: which child, which status, which errors.
// feature-map: 24, 49, 56, 84, 95
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>

#include "tests/guest/arch/faults.h"
#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

TEST(Wait, ForOnePidLeavesTheOthers) {
  const pid_t first = start_child([] { return 1; });
  const pid_t second = start_child([] { return 2; });
  EXPECT_EQ(wait_for(second), 2);
  EXPECT_EQ(wait_for(first), 1);
}

TEST(Wait, ForAnyReapsEachOnce) {
  std::set<pid_t> children;
  for (int i = 0; i < 10; ++i) children.insert(start_child([] { return 3; }));
  for (int i = 0; i < 10; ++i) {
    int status = 0;
    const pid_t ended = wait4(-1, &status, 0, nullptr);
    EXPECT_EQ(end_of(status), 3);
    EXPECT_EQ(children.erase(ended), 1U);
  }
  EXPECT_EQ(wait4(-1, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Wait, ForTheProcessGroup) {
  const pid_t child = start_child([] { return 4; });
  EXPECT_EQ(wait4(0, nullptr, 0, nullptr), child);
  const pid_t other = start_child([] { return 4; });
  EXPECT_EQ(wait4(-getpgrp(), nullptr, 0, nullptr), other);
}

TEST(Wait, NoHangReturnsZeroWhileTheChildRuns) {
  Shared<int> go;
  const pid_t child = start_child([&go] {
    while (__atomic_load_n(&*go, __ATOMIC_ACQUIRE) == 0) sched_yield();
    return 6;
  });
  int status = 0x5a5a;
  EXPECT_EQ(wait4(child, &status, WNOHANG, nullptr), 0);
  EXPECT_EQ(wait4(-1, &status, WNOHANG, nullptr), 0);
  EXPECT_EQ(status, 0x5a5a);
  __atomic_store_n(&*go, 1, __ATOMIC_RELEASE);
  pid_t ended;
  while ((ended = wait4(child, &status, WNOHANG, nullptr)) == 0) sched_yield();
  EXPECT_EQ(ended, child);
  EXPECT_EQ(end_of(status), 6);
}

TEST(Wait, WithoutStatusPointer) {
  const pid_t child = start_child([] { return 7; });
  EXPECT_EQ(wait4(child, nullptr, 0, nullptr), child);
}

TEST(Wait, FillsInTheUsage) {
  rusage usage;
  memset(&usage, 0xff, sizeof usage);
  const pid_t child = start_child([] { return 8; });
  int status = 0;
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_GE(usage.ru_utime.tv_sec, 0);
  EXPECT_LT(usage.ru_utime.tv_sec, 60);
  EXPECT_LT(usage.ru_utime.tv_usec, 1'000'000);
  EXPECT_EQ(usage.ru_nsignals, 0);
}

TEST(Wait, NotMyChild) {
  const auto expect_no_child = [](pid_t pid) {
    errno = 0;
    EXPECT_EQ(wait4(pid, nullptr, 0, nullptr), -1) << pid;
    EXPECT_EQ(errno, ECHILD) << pid;
  };
  expect_no_child(-1);
  expect_no_child(getpid());
  expect_no_child(getppid());
  expect_no_child(1);
  expect_no_child(0x3fff'ffff);
  expect_no_child(-0x3fff'ffff);
}

TEST(Wait, GrandchildIsNotMine) {
  Shared<pid_t> grandchild;
  Shared<int> go;
  const pid_t child = start_child([&] {
    return run_child([&] {
      __atomic_store_n(&*grandchild, getpid(), __ATOMIC_RELEASE);
      while (__atomic_load_n(&*go, __ATOMIC_ACQUIRE) == 0) sched_yield();
      return 9;
    });
  });
  while (__atomic_load_n(&*grandchild, __ATOMIC_ACQUIRE) == 0) sched_yield();
  EXPECT_EQ(wait4(*grandchild, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
  __atomic_store_n(&*go, 1, __ATOMIC_RELEASE);
  EXPECT_EQ(wait_for(child), 9);
}

TEST(Wait, UnknownOptions) {
  const pid_t child = start_child([] { return 0; });
  // WEXITED (4) and WNOWAIT (0x01000000) are for waitid only.
  for (const int options : {4, 0x10, 0x100, 0x0100'0000, 0x1000'0000}) {
    EXPECT_EQ(wait4(child, nullptr, options, nullptr), -1) << options;
    EXPECT_EQ(errno, EINVAL) << options;
  }
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Wait, MostNegativePid) {
  EXPECT_EQ(wait4(INT32_MIN, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Wait, FaultsGiveTheirSignal) {
  for (const Fault& fault : kFaults) {
    EXPECT_EQ(run_child([&fault] {
                fault.cause();
                return 0;
              }),
              -fault.signal)
        << fault.name;
  }
}

TEST(Wait, AbortGivesItsSignal) {
  EXPECT_EQ(run_child([]() -> int { abort(); }), -SIGABRT);
}

TEST(Wait, AFaultHarmsNobodyElse) {
  Shared<int> counter;
  const pid_t sibling = start_child([&counter] {
    for (int i = 0; i < 1000; ++i) {
      ++*counter;
      sched_yield();
    }
    return 11;
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(run_child([] {
                kFaults[0].cause();
                return 0;
              }),
              -kFaults[0].signal);
  }
  EXPECT_EQ(wait_for(sibling), 11);
  EXPECT_EQ(*counter, 1000);
}

// The reaper is pid 1, or on Linux a nearer process that asked to be it; it is
// the parent of the middle process's own orphan as well.
TEST(Wait, OrphansGetANewParent) {
  Shared<std::array<pid_t, 2>> parents;
  const pid_t test = getpid();
  Shared<pid_t> middle;
  EXPECT_EQ(run_child([&] {
              *middle = getpid();
              for (size_t i = 0; i < 2; ++i) {
                start_child([&, i] {
                  while (getppid() == *middle) sched_yield();
                  __atomic_store_n(&(*parents)[i], getppid(), __ATOMIC_RELEASE);
                  return 0;
                });
              }
              return 0;
            }),
            0);
  for (size_t i = 0; i < 2; ++i) {
    while (__atomic_load_n(&(*parents)[i], __ATOMIC_ACQUIRE) == 0) {
      sched_yield();
    }
  }
  EXPECT_EQ((*parents)[0], (*parents)[1]);
  EXPECT_NE((*parents)[0], test);
  EXPECT_NE((*parents)[0], *middle);
  EXPECT_EQ(wait4(-1, nullptr, 0, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace tine::guest
