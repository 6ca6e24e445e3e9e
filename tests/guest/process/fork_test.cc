// What fork returns, to whom, and how its children relate.
// feature-map: 32, 46, 49, 56, 76, 94, 102, 103, 105
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <set>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

TEST(Fork, ReturnsZeroInTheChildAndItsPidInTheParent) {
  Shared<std::array<int, 2>> returns;  // In the child, in the parent.
  Shared<pid_t> child_pid;
  const pid_t pid = fork();
  if (pid == 0) {
    ++(*returns)[0];
    *child_pid = getpid();
    _exit(0);
  }
  ++(*returns)[1];
  ASSERT_GT(pid, 0);
  EXPECT_EQ(wait_for(pid), 0);
  EXPECT_EQ((*returns)[0], 1);
  EXPECT_EQ((*returns)[1], 1);
  EXPECT_EQ(*child_pid, pid);
  EXPECT_NE(pid, getpid());
}

// Neither needs the other to wait: who runs first is nobody's business.
TEST(Fork, ChildRunsWhileItsParentComputes) {
  Shared<int> child_ran;
  const pid_t pid = start_child([&] {
    __atomic_store_n(&*child_ran, 1, __ATOMIC_RELEASE);
    return 0;
  });
  ASSERT_GT(pid, 0);
  while (__atomic_load_n(&*child_ran, __ATOMIC_ACQUIRE) == 0) {
  }
  EXPECT_EQ(wait_for(pid), 0);
}

TEST(Fork, ParentRunsWhileItsChildComputes) {
  Shared<int> parent_ran;
  const pid_t pid = start_child([&] {
    while (__atomic_load_n(&*parent_ran, __ATOMIC_ACQUIRE) == 0) {
    }
    return 0;
  });
  ASSERT_GT(pid, 0);
  __atomic_store_n(&*parent_ran, 1, __ATOMIC_RELEASE);
  EXPECT_EQ(wait_for(pid), 0);
}

// Whatever a random number generator of the system keeps, a fork does not make
// two of it.
TEST(Fork, ParentAndChildrenGetDifferentRandomNumbers) {
  using Random = std::array<unsigned char, 32>;
  constexpr size_t kChildren = 8;
  Shared<std::array<Random, 2 * kChildren>> random;
  const auto draw = [&](size_t i) {
    Random& to = (*random)[i];
    return getrandom(to.data(), to.size(), 0) == static_cast<ssize_t>(to.size())
               ? 0
               : 1;
  };
  for (size_t i = 0; i < kChildren; ++i) {
    const pid_t pid = start_child([&] { return draw(2 * i); });
    EXPECT_EQ(draw(2 * i + 1), 0);
    EXPECT_EQ(wait_for(pid), 0);
  }
  EXPECT_EQ(std::set<Random>(random->begin(), random->end()).size(),
            2 * kChildren);
}

TEST(Fork, ChildSeesItsParent) {
  const pid_t parent = getpid();
  EXPECT_EQ(run_child([parent] {
              CHILD_CHECK(getppid() == parent);
              CHILD_CHECK(getpid() != parent);
              CHILD_CHECK(gettid() == getpid());
              return 0;
            }),
            0);
  EXPECT_EQ(getpid(), parent);
}

TEST(Fork, ChildInheritsGroupAndSession) {
  const pid_t group = getpgrp();
  const pid_t session = getsid(0);
  EXPECT_EQ(run_child([=] {
              CHILD_CHECK(getpgrp() == group);
              CHILD_CHECK(getsid(0) == session);
              return 0;
            }),
            0);
}

TEST(Fork, ChildHasNoChildren) {
  const pid_t sibling = start_child([] { return 5; });
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(wait(nullptr) == -1 && errno == ECHILD);
              return 0;
            }),
            0);
  EXPECT_EQ(wait_for(sibling), 5);
}

TEST(Fork, EveryExitStatusReachesTheParent) {
  for (int status = 0; status < 256; ++status) {
    ASSERT_EQ(run_child([status] { return status; }), status);
  }
}

TEST(Fork, OnlyTheLowByteOfAStatusCounts) {
  EXPECT_EQ(run_child([] { return 0x1234; }), 0x34);
  EXPECT_EQ(run_child([] { return -1; }), 0xff);
}

TEST(Fork, AHundredChildrenAtOnce) {
  constexpr int kChildren = 100;
  Shared<int> go;
  std::vector<pid_t> children;
  for (int i = 0; i < kChildren; ++i) {
    const pid_t child = start_child([&go, i] {
      while (__atomic_load_n(&*go, __ATOMIC_ACQUIRE) == 0) sched_yield();
      return i;
    });
    ASSERT_GT(child, 0);
    children.push_back(child);
  }
  const std::set<pid_t> distinct(children.begin(), children.end());
  EXPECT_EQ(distinct.size(), kChildren);
  EXPECT_FALSE(distinct.contains(getpid()));
  __atomic_store_n(&*go, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < kChildren; ++i) {
    EXPECT_EQ(wait_for(children[static_cast<size_t>(i)]), i);
  }
}

TEST(Fork, APidIsNotGivenAgainWhileItsZombieStays) {
  const pid_t zombie = start_child([] { return 0; });
  for (int i = 0; i < 300; ++i) {
    const pid_t child = start_child([] { return 0; });
    ASSERT_NE(child, zombie);
    ASSERT_EQ(wait_for(child), 0);
  }
  EXPECT_EQ(wait_for(zombie), 0);
  EXPECT_EQ(wait_for(zombie), kNoChild);
}

TEST(Fork, GrandchildrenCountUp) {
  EXPECT_EQ(run_child([] {
              return 1 +
                     run_child([] { return 1 + run_child([] { return 1; }); });
            }),
            3);
}

}  // namespace
}  // namespace tine::guest
