// Scheduling policies as attributes of a process: who may set which, and what a
// child gets.
// feature-map: 59, 66
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr int kNobody = 65534;
constexpr int kNoSuchPid = 0x3fff'ffff;

int set(int policy, int priority, pid_t pid = 0) {
  const struct sched_param wanted{priority};
  errno = 0;
  return sched_setscheduler(pid, policy, &wanted) < 0 ? errno : 0;
}

TEST(Policy, PrioritiesHaveBounds) {
  for (const int policy : {SCHED_FIFO, SCHED_RR}) {
    EXPECT_EQ(sched_get_priority_min(policy), 1);
    EXPECT_EQ(sched_get_priority_max(policy), 99);
  }
  for (const int policy : {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, 6}) {
    EXPECT_EQ(sched_get_priority_min(policy), 0) << policy;
    EXPECT_EQ(sched_get_priority_max(policy), 0) << policy;
  }
  EXPECT_EQ(sched_get_priority_max(4), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Policy, ThatNeedsNoRightIsKeptAndInherited) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(set(SCHED_BATCH, 0) == 0);
              CHILD_CHECK(sched_getscheduler(0) == SCHED_BATCH);
              constexpr int kReset = 0x4000'0000;  // SCHED_RESET_ON_FORK
              CHILD_CHECK(set(SCHED_BATCH | kReset, 0) == 0);
              CHILD_CHECK(sched_getscheduler(0) == (SCHED_BATCH | kReset));
              return run_child([] { return sched_getscheduler(0); });
            }),
            SCHED_BATCH);
}

// A child's slack, and what it goes back to, is its creator's of then.
TEST(Policy, TimerSlackIsInherited) {
  const auto slack = [] { return prctl(PR_GET_TIMERSLACK); };
  EXPECT_EQ(run_child([&] {
              const int first = slack();
              CHILD_CHECK(first > 0);
              CHILD_CHECK(prctl(PR_SET_TIMERSLACK, 123'456) == 0);
              CHILD_CHECK(slack() == 123'456);
              CHILD_CHECK(run_child([&] {
                            CHILD_CHECK(slack() == 123'456);
                            CHILD_CHECK(prctl(PR_SET_TIMERSLACK, 7'000) == 0);
                            CHILD_CHECK(slack() == 7'000);
                            CHILD_CHECK(prctl(PR_SET_TIMERSLACK, 0) == 0);
                            return slack() == 123'456 ? 0 : 1;
                          }) == 0);
              CHILD_CHECK(slack() == 123'456);
              CHILD_CHECK(prctl(PR_SET_TIMERSLACK, 0) == 0);
              return slack() == first ? 0 : 1;
            }),
            0);
}

// RLIMIT_NICE, which counts from 1 for nice 19, lets others than the superuser
// go so far.
TEST(Policy, NiceGoesDownAsFarAsItsLimit) {
  const int end = run_child([] {
    const rlimit limit{15, 15};  // down to nice 5
    if (setrlimit(RLIMIT_NICE, &limit) != 0 || !become_a_user()) {
      return kNoOtherUser;
    }
    CHILD_CHECK(setpriority(PRIO_PROCESS, 0, 10) == 0);
    CHILD_CHECK(setpriority(PRIO_PROCESS, 0, 5) == 0);
    CHILD_CHECK(setpriority(PRIO_PROCESS, 0, 4) == -1);
    CHILD_CHECK(errno == EACCES);
    CHILD_CHECK(getpriority(PRIO_PROCESS, 0) == 5);
    CHILD_CHECK(set(SCHED_IDLE, 0) == 0);
    CHILD_CHECK(set(SCHED_OTHER, 0) == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST(Policy, WithoutALimitIdleIsForGood) {
  const int end = run_child([] {
    const rlimit limit{0, 0};
    CHILD_CHECK(setrlimit(RLIMIT_NICE, &limit) == 0);
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(set(SCHED_IDLE, 0) == 0);
    CHILD_CHECK(set(SCHED_OTHER, 0) == EPERM);
    CHILD_CHECK(sched_getscheduler(0) == SCHED_IDLE);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST(Policy, OfRealTimeNeedsTheSuperuser) {
  // Not in a user namespace either, where there is nobody.
  if (run_child([] { return setuid(kNobody) == 0 ? 0 : 1; }) != 0) {
    GTEST_SKIP() << "not the superuser";
  }
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(setuid(kNobody) == 0);
              CHILD_CHECK(set(SCHED_FIFO, 1) == EPERM);
              CHILD_CHECK(set(SCHED_OTHER, 0) == 0);
              return 0;
            }),
            0);
}

TEST(Policy, Errors) {
  EXPECT_EQ(set(SCHED_OTHER, 1), EINVAL);
  EXPECT_EQ(set(SCHED_FIFO, 0), EINVAL);
  EXPECT_EQ(set(SCHED_RR, 100), EINVAL);
  EXPECT_EQ(set(77, 0), EINVAL);
  EXPECT_EQ(set(SCHED_OTHER, 0, -1), EINVAL);
  EXPECT_EQ(set(SCHED_OTHER, 0, kNoSuchPid), ESRCH);
  struct timespec slice;
  EXPECT_EQ(sched_rr_get_interval(0, &slice), 0);
  EXPECT_EQ(sched_rr_get_interval(-1, &slice), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(sched_rr_get_interval(kNoSuchPid, &slice), -1);
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace tine::guest
