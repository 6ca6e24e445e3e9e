#include "kernel/boot_ranges.h"

#include <gtest/gtest.h>

namespace tine {
namespace {

TEST(BootRanges, FreePagesAvoidWhatIsReserved) {
  BootMemory boot;
  ASSERT_TRUE(range_add_inside(boot.usable, boot.usable_count, 0, 0x10'0000));
  for (const u64 begin : {u64{0}, u64{0x3000}, u64{0x8000}}) {
    ASSERT_TRUE(range_add_around(boot.reserved, boot.reserved_count, begin,
                                 begin + 0x1001));
  }
  ranges_normalize(boot.reserved, boot.reserved_count, ~u64{0});
  EXPECT_EQ(ranges_find_free(boot, 0x1000, ~u64{0}), 0x2000u);
  EXPECT_EQ(ranges_find_free(boot, 0x2000, ~u64{0}), 0x5000u);
  EXPECT_EQ(ranges_find_free(boot, 0x4000, ~u64{0}), 0xa000u);
  EXPECT_EQ(ranges_find_free(boot, 0x4000, 0xc000), 0u);
  EXPECT_EQ(ranges_find_free(boot, 0x20'0000, ~u64{0}), 0u);
}

TEST(BootRanges, FullListIsReported) {
  BootMemory boot;
  for (u64 i = 0; i < BootMemory::kMaxRanges; ++i) {
    EXPECT_TRUE(range_add_inside(boot.usable, boot.usable_count, i * 0x2000,
                                 i * 0x2000 + 0x1000));
  }
  EXPECT_FALSE(range_add_inside(boot.usable, boot.usable_count, 0, 0x1000));
  EXPECT_TRUE(range_add_inside(boot.usable, boot.usable_count, 1, 2));
}

}  // namespace
}  // namespace tine
