// The segment bases of x86-64 are the program's: what it sets stays set across
// system calls, interrupts, other processes' runs and forks.
// feature-map: 1, 35
#include <asm/prctl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

// What GS points to; the program reads itself through it.
uint64_t through_gs() {
  uint64_t value;
  __asm__ volatile("movq %%gs:0, %0" : "=r"(value));
  return value;
}

long set_gs(const void* base) {
  return raw_syscall(SYS_arch_prctl, ARCH_SET_GS, reinterpret_cast<long>(base));
}

TEST(SegmentBase, GsStaysAcrossSystemCalls) {
  const uint64_t mark = 0x1234'5678'9abc'def0;
  ASSERT_EQ(set_gs(&mark), 0);
  for (int i = 0; i < 10'000; ++i) {
    raw_syscall(SYS_getppid);
    ASSERT_EQ(through_gs(), mark);
  }
  EXPECT_EQ(set_gs(nullptr), 0);
}

TEST(SegmentBase, GsIsInheritedAndThenPrivate) {
  const std::array<uint64_t, 2> marks = {111, 222};
  ASSERT_EQ(set_gs(&marks[0]), 0);
  EXPECT_EQ(run_child([&marks] {
              CHILD_CHECK(through_gs() == 111);
              CHILD_CHECK(set_gs(&marks[1]) == 0);
              CHILD_CHECK(through_gs() == 222);
              return 0;
            }),
            0);
  EXPECT_EQ(through_gs(), 111U);
  EXPECT_EQ(set_gs(nullptr), 0);
}

TEST(SegmentBase, GsOfProcessesThatTakeTurns) {
  std::array<pid_t, 4> children;
  for (size_t i = 0; i < children.size(); ++i) {
    children[i] = start_child([i] {
      const uint64_t mark = 1000 + i;
      CHILD_CHECK(set_gs(&mark) == 0);
      for (int round = 0; round < 1000; ++round) {
        raw_syscall(SYS_sched_yield);
        CHILD_CHECK(through_gs() == mark);
      }
      return 0;
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
}

TEST(SegmentBase, KernelAddressesAreRefused) {
  for (const long code : {long{ARCH_SET_GS}, long{ARCH_SET_FS}}) {
    for (const uint64_t base : {uint64_t{0xffff'8000'0000'0000}, UINT64_MAX}) {
      EXPECT_EQ(raw_syscall(SYS_arch_prctl, code, static_cast<long>(base)),
                -EPERM);
    }
  }
}

TEST(SegmentBase, NorMayTheyComeByClone) {
  for (const uint64_t base : {uint64_t{0x8000'0000'0000},
                              uint64_t{0xffff'8000'0000'0000}, UINT64_MAX}) {
    EXPECT_EQ(raw_syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0,
                          static_cast<long>(base)),
              -EPERM);
  }
}

TEST(SegmentBase, UnknownCodesAreRefused) {
  EXPECT_EQ(raw_syscall(SYS_arch_prctl, 0x7777, 0), -EINVAL);
}

}  // namespace
}  // namespace tine::guest
