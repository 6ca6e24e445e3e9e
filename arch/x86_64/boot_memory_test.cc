#include "arch/x86_64/boot_memory.h"

#include <gtest/gtest.h>

#include "arch/x86_64/test_start_info.h"

namespace tine::hw {
namespace {

TEST(BootMemory, ReservesImageInitrdAndLowMemory) {
  constexpr PhysRange kImage = {{0x10'0000}, {0x18'0000}};
  constexpr u64 kLimit = u64{512} << 30;
  const TestMemory memory = make_pvh();
  BootMemory boot;
  PvhInfo info;
  ASSERT_EQ(fill_boot_memory(memory.view(), kStart, kImage, kLimit, boot, info),
            nullptr);
  ASSERT_EQ(boot.reserved_count, 3u);
  EXPECT_EQ(boot.reserved[0].begin.value, 0u);
  EXPECT_EQ(boot.reserved[0].end.value, 0x18'0000u);
  EXPECT_EQ(boot.reserved[1].begin.value, 0x20'0000u);
  EXPECT_EQ(boot.reserved[1].end.value, 0x20'1000u);
  EXPECT_EQ(boot.reserved[2].begin.value, 0x3fd'f000u);
  BootMemory elsewhere;
  EXPECT_STREQ(
      fill_boot_memory(memory.view(), kStart, {{0x9'0000}, {0x10'1000}}, kLimit,
                       elsewhere, info),
      "the kernel's image is not in memory");
  TestMemory cut = make_pvh();
  cut.put<u64>(kModules, 0x3fd'f700);
  BootMemory outside;
  EXPECT_STREQ(
      fill_boot_memory(cut.view(), kStart, kImage, kLimit, outside, info),
      "the initrd is not in memory");
}

}  // namespace
}  // namespace tine::hw
