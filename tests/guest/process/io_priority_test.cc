// ioprio_get and ioprio_set. feature-map: 62, 66
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr int kProcess = 1, kGroup = 2, kUser = 3;
constexpr int kRealTime = 1, kBestEffort = 2, kIdle = 3;

constexpr int value(int io_class, int level) { return io_class << 13 | level; }

// The result, or minus the errno.
long get(int which, int who) {
  const long result = syscall(SYS_ioprio_get, which, who);
  return result < 0 ? -errno : result;
}
long set(int which, int who, int priority) {
  const long result = syscall(SYS_ioprio_set, which, who, priority);
  return result < 0 ? -errno : result;
}

TEST(IoPriority, IsKeptAndInherited) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(get(kProcess, 0) == 0);
        for (const int priority : {value(kBestEffort, 0), value(kBestEffort, 7),
                                   value(kIdle, 0), value(kBestEffort, 1)}) {
          CHILD_CHECK(set(kProcess, 0, priority) == 0);
          CHILD_CHECK(get(kProcess, 0) == priority);
          CHILD_CHECK(get(kProcess, getpid()) == priority);
        }
        return run_child(
            [] { return get(kProcess, 0) == value(kBestEffort, 1) ? 0 : 1; });
      }),
      0);
}

// Who was given none has one by the nice value, which groups show.
TEST(IoPriority, OfAGroup) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(setpgid(0, 0) == 0);
              CHILD_CHECK(get(kGroup, 0) == value(kBestEffort, 4));
              CHILD_CHECK(setpriority(PRIO_PROCESS, 0, 19) == 0);
              CHILD_CHECK(get(kGroup, 0) == value(kBestEffort, 7));
              CHILD_CHECK(set(kGroup, 0, value(kBestEffort, 2)) == 0);
              CHILD_CHECK(get(kProcess, 0) == value(kBestEffort, 2));
              const pid_t other = start_child([]() -> int {
                set(kProcess, 0, value(kBestEffort, 6));
                for (;;) pause();
              });
              while (get(kProcess, other) != value(kBestEffort, 6)) {
                sched_yield();
              }
              // The best of them.
              CHILD_CHECK(get(kGroup, getpid()) == value(kBestEffort, 2));
              CHILD_CHECK(set(kGroup, 0, value(kIdle, 0)) == 0);
              CHILD_CHECK(get(kProcess, other) == value(kIdle, 0));
              kill(other, SIGKILL);
              CHILD_CHECK(wait_for(other) == -SIGKILL);
              return 0;
            }),
            0);
}

TEST(IoPriority, Refusals) {
  EXPECT_EQ(get(0, 0), -EINVAL);
  EXPECT_EQ(get(4, 0), -EINVAL);
  EXPECT_EQ(set(4, 0, value(kBestEffort, 4)), -EINVAL);
  EXPECT_EQ(set(kProcess, 0, value(4, 0)), -EINVAL);
  EXPECT_EQ(set(kProcess, 0, value(0, 1)), -EINVAL);
  constexpr int kNobody = 0x3fff'ffff;
  EXPECT_EQ(get(kProcess, kNobody), -ESRCH);
  EXPECT_EQ(get(kGroup, kNobody), -ESRCH);
  EXPECT_EQ(get(kUser, 765'432), -ESRCH);
  EXPECT_EQ(set(kProcess, kNobody, value(kBestEffort, 4)), -ESRCH);
  EXPECT_EQ(set(kUser, 765'432, value(kBestEffort, 4)), -ESRCH);
}

TEST(IoPriority, NeedsRights) {
  const pid_t parent = getpid();
  const int end = run_child([&] {
    if (geteuid() != 0) return kNoOtherUser;
    // Root of a sandbox has not the right either.
    if (set(kProcess, 0, value(kRealTime, 3)) != 0) return kNoOtherUser;
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(get(kProcess, parent) >= 0);
    CHILD_CHECK(set(kProcess, parent, value(kBestEffort, 4)) == -EPERM);
    CHILD_CHECK(set(kProcess, 0, value(kRealTime, 4)) == -EPERM);
    CHILD_CHECK(set(kProcess, 0, value(kBestEffort, 4)) == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
