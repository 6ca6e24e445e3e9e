#include "arch/x86_64/pvh.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "arch/x86_64/test_start_info.h"
#include "kernel/boot_ranges.h"

namespace tine::hw {
namespace {

TEST(Pvh, TakesMemoryInitrdAndText) {
  const TestMemory memory = make_pvh();
  BootMemory boot;
  PvhInfo info;
  EXPECT_EQ(pvh_parse(memory.view(), kStart, boot, info), nullptr);
  ranges_normalize(boot.usable, boot.usable_count, ~u64{0});
  ASSERT_EQ(boot.usable_count, 3u);
  EXPECT_EQ(boot.usable[0].begin.value, 0u);
  EXPECT_EQ(boot.usable[0].end.value, 0x9'f000u);
  EXPECT_EQ(boot.usable[1].end.value, 0x3fd'f000u);
  EXPECT_EQ(boot.usable[2].end.value, 0x2'0000'0000u);
  ASSERT_EQ(boot.reserved_count, 1u);
  EXPECT_EQ(boot.reserved[0].begin.value, 0x3fd'f000u);
  EXPECT_EQ(boot.initrd_begin.value, 0x20'0010u);
  EXPECT_EQ(boot.initrd_end.value, 0x20'0133u);
  EXPECT_EQ(info.rsdp, 0xf'0000u);
  char text[16];
  pvh_copy_text(memory.view(), info.command_line, text, sizeof(text));
  EXPECT_STREQ(text, "log=all");
  pvh_copy_text(memory.view(), info.command_line, text, 4);
  EXPECT_STREQ(text, "log");
  pvh_copy_text(memory.view(), memory.view().size - 1, text, sizeof(text));
  EXPECT_STREQ(text, "");
}

TEST(Pvh, RefusesWhatIsMissing) {
  struct Damage {
    u64 at;
    u32 value;
  };
  for (const Damage& damage :
       {Damage{kStart, 0}, Damage{kStart + 4, 0}, Damage{kStart + 48, 0},
        Damage{kStart + 48, 1000}, Damage{kStart + 40, 0x1fe},
        Damage{kStart + 44, ~u32{0}}, Damage{kStart + 16, 0x1fe},
        Damage{kModules + 12, ~u32{0}}}) {
    TestMemory memory = make_pvh();
    memory.put<u32>(damage.at, damage.value);
    if (damage.at == kModules + 12) memory.put<u32>(kModules + 4, 1);
    BootMemory boot;
    PvhInfo info;
    EXPECT_NE(pvh_parse(memory.view(), kStart, boot, info), nullptr)
        << damage.at;
  }
  BootMemory boot;
  PvhInfo info;
  EXPECT_NE(pvh_parse(make_pvh().view(), ~u64{0} - 8, boot, info), nullptr);
}

TEST(Pvh, RandomDamageIsContained) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    TestMemory memory = make_pvh();
    for (int i = 0; i < 4; ++i) {
      memory.bytes()[random() % memory.bytes().size()] =
          static_cast<u8>(random());
    }
    BootMemory boot;
    PvhInfo info;
    if (pvh_parse(memory.view(), kStart, boot, info) != nullptr) continue;
    ranges_normalize(boot.usable, boot.usable_count, u64{512} << 30);
    for (unsigned i = 0; i < boot.usable_count; ++i) {
      const PhysRange& range = boot.usable[i];
      EXPECT_LT(range.begin.value, range.end.value);
      EXPECT_EQ((range.begin.value | range.end.value) % kPageSize, 0u);
      if (i > 0) EXPECT_GT(range.begin, boot.usable[i - 1].end);
    }
    char text[32];
    pvh_copy_text(memory.view(), info.command_line, text, sizeof(text));
    EXPECT_LT(std::strlen(text), sizeof(text));
  }
}

}  // namespace
}  // namespace tine::hw
