// adjtimex and clock_adjtime, as far as the clock is only asked.
// feature-map: 60
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

// The state, or minus the errno.
int adjust(timex* wanted) {
  const int state = adjtimex(wanted);
  return state < 0 ? -errno : state;
}
int adjust(clockid_t clock, timex* wanted) {
  const int state = clock_adjtime(clock, wanted);
  return state < 0 ? -errno : state;
}

TEST(Adjtimex, TellsOfTheClock) {
  for (const bool is_by_clock : {false, true}) {
    timex now{};
    const int state = is_by_clock ? adjust(CLOCK_REALTIME, &now) : adjust(&now);
    EXPECT_GE(state, TIME_OK);
    EXPECT_LE(state, TIME_ERROR);
    EXPECT_EQ(state == TIME_ERROR, (now.status & STA_UNSYNC) != 0);
    EXPECT_GE(now.tick, 9000);
    EXPECT_LE(now.tick, 11000);
    EXPECT_EQ(now.tolerance, 500 << 16);
    EXPECT_GE(now.maxerror, 0);
    EXPECT_LE(labs(static_cast<long>(time(nullptr) - now.time.tv_sec)), 1);
    EXPECT_LT(now.time.tv_usec,
              (now.status & STA_NANO) != 0 ? 1'000'000'000 : 1'000'000);
  }
}

TEST(Adjtimex, Refusals) {
  EXPECT_EQ(adjust(reinterpret_cast<timex*>(8)), -EFAULT);
  EXPECT_EQ(adjust(CLOCK_REALTIME, reinterpret_cast<timex*>(8)), -EFAULT);
  EXPECT_EQ(adjust(CLOCK_MONOTONIC, reinterpret_cast<timex*>(8)), -EFAULT);
  timex wanted{};
  for (const clockid_t clock :
       {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW,
        CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME_COARSE}) {
    EXPECT_EQ(adjust(clock, &wanted), -EOPNOTSUPP) << clock;
  }
  EXPECT_EQ(adjust(99, &wanted), -EINVAL);
  // A single shot of something else than the offset.
  wanted.modes = 0x8000;
  EXPECT_EQ(adjust(&wanted), -EINVAL);
}

TEST(Adjtimex, NeedsTheRight) {
  const int end = run_child([] {
    if (!become_a_user()) return kNoOtherUser;
    for (const int mode : {ADJ_OFFSET, ADJ_FREQUENCY, ADJ_STATUS, ADJ_TICK,
                           ADJ_SETOFFSET, ADJ_OFFSET_SINGLESHOT}) {
      timex wanted{};
      wanted.modes = static_cast<unsigned>(mode);
      wanted.tick = 10'000;
      CHILD_CHECK(adjust(&wanted) == -EPERM);
    }
    timex left{};
    left.modes = ADJ_OFFSET_SS_READ;
    CHILD_CHECK(adjust(&left) >= 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
