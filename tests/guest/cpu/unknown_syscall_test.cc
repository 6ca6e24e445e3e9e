// Numbers without a system call give ENOSYS and do nothing else.
// feature-map: 7, 12, 14, 16
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

TEST(UnknownSyscall, GivesEnosys) {
  for (const long number : kUnknownNumbers) {
    EXPECT_EQ(raw_syscall(number, -1, -1, -1, -1, -1, -1), -ENOSYS)
        << std::hex << number;
  }
}

// The number is 32 bits wide, whatever the rest of its register holds.
TEST(UnknownSyscall, UpperHalfOfTheNumberIsIgnored) {
  EXPECT_EQ(raw_syscall((1L << 32) + SYS_getpid), getpid());
  EXPECT_EQ(raw_syscall((-1L << 32) + SYS_getpid), getpid());
}

TEST(UnknownSyscall, MakesNoProcess) {
  for (const long number : kUnknownNumbers) raw_syscall(number, 0);
  EXPECT_EQ(waitpid(-1, nullptr, 0), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(UnknownSyscall, AndTheProgramGoesOn) {
  EXPECT_EQ(run_child([] {
              for (int i = 0; i < 1000; ++i) {
                CHILD_CHECK(raw_syscall(9999) == -ENOSYS);
              }
              return 12;
            }),
            12);
}

}  // namespace
}  // namespace tine::guest
