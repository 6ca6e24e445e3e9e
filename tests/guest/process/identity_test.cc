// Who a process is: ids, name of the system, limits.
// feature-map: 69, 73, 94
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

TEST(Identity, PidTidAndParent) {
  EXPECT_GT(getpid(), 1);
  EXPECT_EQ(gettid(), getpid());
  EXPECT_GE(getppid(), 0);
  EXPECT_EQ(raw_syscall(SYS_getpid), getpid());
}

TEST(Identity, UserAndGroupAreInherited) {
  const uid_t user = getuid();
  const gid_t group = getgid();
  EXPECT_EQ(geteuid(), user);
  EXPECT_EQ(getegid(), group);
  EXPECT_EQ(run_child([=] {
              CHILD_CHECK(getuid() == user && geteuid() == user);
              CHILD_CHECK(getgid() == group && getegid() == group);
              return 0;
            }),
            0);
}

TEST(Identity, GroupAndSession) {
  EXPECT_EQ(getpgid(0), getpgrp());
  EXPECT_EQ(getpgid(getpid()), getpgrp());
  EXPECT_EQ(getsid(getpid()), getsid(0));
  EXPECT_EQ(getpgid(0x3fff'ffff), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(getsid(0x3fff'ffff), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Identity, Uname) {
  utsname name;
  ASSERT_EQ(uname(&name), 0);
  EXPECT_EQ(std::string(name.sysname), "Linux");
  EXPECT_EQ(std::string(name.machine), kMachine);
  EXPECT_NE(std::string(name.release), "");
  // C libraries refuse to start on what looks older than they support.
  EXPECT_GE(std::stoi(name.release), 5);
}

TEST(Identity, Yield) { EXPECT_EQ(sched_yield(), 0); }

TEST(Limits, StackIsKnownAndInherited) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
  EXPECT_GE(limit.rlim_cur, rlim_t{64} * 1024);
  EXPECT_LE(limit.rlim_cur, limit.rlim_max);
  EXPECT_EQ(run_child([&limit] {
              rlimit child;
              CHILD_CHECK(getrlimit(RLIMIT_STACK, &child) == 0);
              CHILD_CHECK(child.rlim_cur == limit.rlim_cur);
              CHILD_CHECK(child.rlim_max == limit.rlim_max);
              return 0;
            }),
            0);
}

TEST(Limits, AreChangedInOneProcessOnly) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NPROC, &before), 0);
  EXPECT_EQ(run_child([] {
              const rlimit lower = {5, 6};
              CHILD_CHECK(setrlimit(RLIMIT_NPROC, &lower) == 0);
              rlimit now;
              CHILD_CHECK(getrlimit(RLIMIT_NPROC, &now) == 0);
              CHILD_CHECK(now.rlim_cur == 5 && now.rlim_max == 6);
              return 0;
            }),
            0);
  rlimit after;
  ASSERT_EQ(getrlimit(RLIMIT_NPROC, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
  EXPECT_EQ(after.rlim_max, before.rlim_max);
}

TEST(Limits, BadArguments) {
  const rlimit inverted = {7, 6};
  EXPECT_EQ(raw_syscall(SYS_prlimit64, 0, RLIMIT_NPROC,
                        reinterpret_cast<long>(&inverted), 0),
            -EINVAL);
  rlimit limit;
  EXPECT_EQ(
      raw_syscall(SYS_prlimit64, 0, 99, 0, reinterpret_cast<long>(&limit)),
      -EINVAL);
  EXPECT_EQ(raw_syscall(SYS_prlimit64, 0x3fff'ffff, RLIMIT_NPROC, 0,
                        reinterpret_cast<long>(&limit)),
            -ESRCH);
}

}  // namespace
}  // namespace tine::guest
