// Returns to other segments are refused.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

TEST(FarReturn, ToTheKernelsCode) {
  EXPECT_EQ(run_child([] {
              asm volatile(
                  "push $0x8\n\t"
                  "lea 1f(%%rip), %%rax\n\t"
                  "push %%rax\n\t"
                  "lretq\n"
                  "1:" ::
                      : "rax", "memory");
              return 1;
            }),
            -SIGSEGV);
}

TEST(FarReturn, ByIretToNowhere) {
  EXPECT_EQ(run_child([] {
              asm volatile(
                  "xor %%eax, %%eax\n\t"
                  "push %%rax\n\t"
                  "push %%rax\n\t"
                  "push %%rax\n\t"
                  "push %%rax\n\t"
                  "push %%rax\n\t"
                  "iretq" ::
                      : "rax", "memory");
              return 1;
            }),
            -SIGSEGV);
}

}  // namespace
}  // namespace tine::guest
