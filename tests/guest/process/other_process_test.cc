// Calls on other processes and their rights: memory of another, capabilities,
// scheduling attributes.
#include <errno.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

TEST(ProcessVm, CopiesBothWaysBetweenProcesses) {
  static char text[64] = "the child's own words";
  static char more[64] = "before";
  const Shared<std::atomic<int>> shared;
  std::atomic<int>& step = *shared;
  const pid_t child = start_child([&] {
    std::strcpy(text, "seen by the parent");
    step = 1;
    while (step != 2) sched_yield();
    return std::strcmp(more, "after") == 0 ? 0 : 1;
  });
  while (step != 1) sched_yield();
  char first[9] = {};
  char second[64] = {};
  const iovec local[] = {{first, 8}, {second, 11}};
  const iovec remote[] = {{text, 5}, {text + 5, 14}};
  EXPECT_EQ(process_vm_readv(child, local, 2, remote, 2, 0), 19);
  EXPECT_STREQ(first, "seen by ");
  EXPECT_STREQ(second, "the parent");
  EXPECT_STREQ(text, "the child's own words");
  char words[] = "after";
  const iovec from{words, 6};
  const iovec to{more, 6};
  EXPECT_EQ(process_vm_writev(child, &from, 1, &to, 1, 0), 6);
  step = 2;
  EXPECT_EQ(wait_for(child), 0);
}

TEST(ProcessVm, BadArguments) {
  char byte = 0;
  const iovec own{&byte, 1};
  const iovec nowhere{reinterpret_cast<void*>(16), 1};
  const auto fails = [](ssize_t result, int with) {
    return result == -1 && errno == with;
  };
  EXPECT_TRUE(fails(process_vm_readv(getpid(), &own, 1, &own, 1, 1), EINVAL));
  EXPECT_TRUE(
      fails(process_vm_readv(getpid(), &own, 2000, &own, 1, 0), EINVAL));
  EXPECT_TRUE(fails(process_vm_readv(4'000'000, &own, 1, &own, 1, 0), ESRCH));
  EXPECT_TRUE(
      fails(process_vm_readv(getpid(), &own, 1, &nowhere, 1, 0), EFAULT));
  EXPECT_EQ(process_vm_readv(getpid(), &own, 1, &own, 0, 0), 0);
}

TEST(ProcessVm, OthersAreClosedToStrangers) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t parent = getpid();
  static char byte = 7;
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    char own = 0;
    const iovec to{&own, 1};
    const iovec from{&byte, 1};
    CHILD_CHECK(process_vm_readv(parent, &to, 1, &from, 1, 0) == -1);
    CHILD_CHECK(errno == EPERM);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST(Capabilities, FollowTheUser) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(syscall(SYS_capget, &header, data) == 0);
    CHILD_CHECK(data[0].effective == 0 && data[1].effective == 0);
    data[0].effective = data[0].permitted = 1;
    CHILD_CHECK(syscall(SYS_capset, &header, data) == -1);
    CHILD_CHECK(errno == EPERM);
    data[0].effective = data[0].permitted = 0;
    CHILD_CHECK(syscall(SYS_capset, &header, data) == 0);
    return 0;
  });
  if (end != kNoOtherUser) EXPECT_EQ(end, 0);
  header = {0x1234, 0};
  EXPECT_EQ(syscall(SYS_capget, &header, nullptr), 0);
  EXPECT_EQ(header.version, unsigned{_LINUX_CAPABILITY_VERSION_3});
  header = {0x1234, 0};
  EXPECT_EQ(syscall(SYS_capget, &header, data), -1);
  EXPECT_EQ(errno, EINVAL);
  header = {_LINUX_CAPABILITY_VERSION_3, -3};
  EXPECT_EQ(syscall(SYS_capget, &header, data), -1);
  EXPECT_EQ(errno, EINVAL);
  header = {_LINUX_CAPABILITY_VERSION_3, 4'000'000};
  EXPECT_EQ(syscall(SYS_capget, &header, data), -1);
  EXPECT_EQ(errno, ESRCH);
}

// struct sched_attr; libraries have none.
struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

TEST(SchedAttributes, AreSetAndRead) {
  EXPECT_EQ(
      run_child([] {
        Attributes now{};
        CHILD_CHECK(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) == 0);
        CHILD_CHECK(now.size == sizeof(now));
        CHILD_CHECK(now.policy == SCHED_OTHER && now.priority == 0);
        Attributes wanted{};
        wanted.size = sizeof(wanted);
        wanted.policy = SCHED_BATCH;
        wanted.nice = now.nice < 19 ? now.nice + 1 : 19;
        CHILD_CHECK(syscall(SYS_sched_setattr, 0, &wanted, 0) == 0);
        CHILD_CHECK(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0) == 0);
        CHILD_CHECK(now.policy == SCHED_BATCH && now.nice == wanted.nice);
        errno = 0;
        CHILD_CHECK(getpriority(PRIO_PROCESS, 0) == wanted.nice);
        return 0;
      }),
      0);
}

TEST(SchedAttributes, BadArguments) {
  Attributes attributes{};
  const auto fails = [](long result, int with) {
    return result == -1 && errno == with;
  };
  EXPECT_TRUE(fails(syscall(SYS_sched_getattr, 0, &attributes, 47, 0), EINVAL));
  EXPECT_TRUE(
      fails(syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 1),
            EINVAL));
  EXPECT_TRUE(fails(
      syscall(SYS_sched_getattr, 4'000'000, &attributes, sizeof(attributes), 0),
      ESRCH));
  EXPECT_TRUE(fails(syscall(SYS_sched_setattr, 0, nullptr, 0), EINVAL));
  attributes.size = 40;
  EXPECT_TRUE(fails(syscall(SYS_sched_setattr, 0, &attributes, 0), E2BIG));
  attributes.size = sizeof(attributes);
  attributes.policy = 77;
  EXPECT_TRUE(fails(syscall(SYS_sched_setattr, 0, &attributes, 0), EINVAL));
}

}  // namespace
}  // namespace tine::guest
