#include "kernel/memory/frame_table.h"

#include <gtest/gtest.h>

#include <set>

#include "arch/hw/phys_map.h"
#include "arch/sim/machine_memory.h"
#include "kernel/memory/pool.h"
#include "kernel/memory/teardown.h"

namespace tine {
namespace {

constexpr u64 kFrames = 256;

class FrameTableTest : public testing::Test {
 protected:
  // Two ranges of RAM with a hole, a reserved range and an unaligned initrd.
  void start(u64 base) {
    base_ = base >> kPageShift;
    machine_.emplace(PhysAddr{base}, kFrames * kPageSize);
    BootMemory memory;
    memory.usable[0] = range(0, 100);
    memory.usable[1] = range(140, kFrames);
    memory.usable_count = 2;
    memory.reserved[0] = range(1, 9);
    memory.reserved_count = 1;
    memory.initrd_begin = range(50, 50).begin + 100;
    memory.initrd_end = range(52, 52).begin + 1;
    teardown_reset();
    frame_table_init(memory);
  }
  PhysRange range(u64 begin, u64 end) const {
    return {PhysAddr{(base_ + begin) << kPageShift},
            PhysAddr{(base_ + end) << kPageShift}};
  }
  Frame frame(u64 n) const { return {static_cast<u32>(base_ + n)}; }

  u64 base_ = 0;
  std::optional<sim::MachineMemory> machine_;
};

TEST_F(FrameTableTest, HandsOutEachUsableFrameOnce) {
  for (const u64 base : {u64{0}, u64{0x4000'0000}, u64{1} << 40}) {
    start(base);
    Pool& pool = pool_init();
    std::set<u32> taken;
    while (true) {
      const Frame got = frame_take(pool, FrameType::kData, false);
      if (got == kNoFrame) break;
      EXPECT_TRUE(taken.insert(got.number).second);
      const u64 n = got.number - base_;
      EXPECT_TRUE(n < 100 || (n >= 140 && n < kFrames)) << n;
      EXPECT_FALSE(n >= 1 && n < 9) << n;
      EXPECT_FALSE(n >= 50 && n < 53) << n;
      EXPECT_NE(got.number, 0u);
    }
    // 216 usable; 8 + 3 reserved, one for the table, and frame 0 if it is RAM.
    EXPECT_EQ(taken.size(), 216u - 12 - (base == 0 ? 1 : 0));
    EXPECT_EQ(taken.size(), frames_total());
    EXPECT_EQ(frames_free(), 0u);
    EXPECT_EQ(pool.used, pool.limit);
    machine_.reset();
  }
}

TEST_F(FrameTableTest, KnowsWhatIsRam) {
  start(0x4000'0000);
  EXPECT_TRUE(frame_is_ram(frame(0)));
  EXPECT_TRUE(frame_is_ram(frame(kFrames - 1)));
  EXPECT_FALSE(frame_is_ram(frame(kFrames)));
  EXPECT_FALSE(frame_is_ram({1}));
  EXPECT_EQ(frame_info(frame(120)).type, FrameType::kReserved);
}

TEST_F(FrameTableTest, ZeroedFramesAreZero) {
  start(0x4000'0000);
  Pool& pool = pool_init();
  for (const FrameType type : {FrameType::kData, FrameType::kTable}) {
    const Frame got = frame_take(pool, type, true);
    const u8* const bytes = hw::phys_to_virt(got.address());
    for (u64 i = 0; i < kPageSize; ++i) {
      ASSERT_EQ(bytes[i], 0);
    }
  }
}

TEST_F(FrameTableTest, KeepsZeroFramesForTables) {
  start(0x4000'0000);
  Pool& pool = pool_init();
  const Frame table = frame_take(pool, FrameType::kTable, true);
  frame_info(table).refs = 0;
  frame_release(table, FrameContent::kZero);
  EXPECT_NE(frame_take(pool, FrameType::kData, true), table);
  EXPECT_NE(frame_take(pool, FrameType::kData, false), table);
  EXPECT_EQ(frame_take(pool, FrameType::kTable, true), table);
}

TEST_F(FrameTableTest, SplitsBudgets) {
  start(0x4000'0000);
  Pool& pool = pool_init();
  const u64 all = pool.limit;
  Pool* const part = pool_split(pool, 3);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(pool.limit, all - 3);
  EXPECT_EQ(pool_split(pool, all), nullptr);
  Frame last = kNoFrame;
  for (int i = 0; i < 3; ++i) {
    last = frame_take(*part, FrameType::kData, false);
    EXPECT_NE(last, kNoFrame);
  }
  EXPECT_EQ(frame_take(*part, FrameType::kData, false), kNoFrame);
  EXPECT_EQ(pool_split(*part, 1), nullptr);
  frame_info(last).refs = 0;
  frame_release(last);
  EXPECT_EQ(part->used, 2u);
  EXPECT_EQ(&pool_of(frame_info(frame_take(*part, FrameType::kData, false))),
            part);
}

TEST_F(FrameTableTest, RunsOutOfPoolsCleanly) {
  start(0x4000'0000);
  Pool& pool = pool_init();
  for (unsigned i = 1; i < kMaxPools; ++i) {
    ASSERT_NE(pool_split(pool, 1), nullptr);
  }
  const u64 limit = pool.limit;
  EXPECT_EQ(pool_split(pool, 1), nullptr);
  EXPECT_EQ(pool.limit, limit);
}

TEST_F(FrameTableTest, ReferencesSaturate) {
  FrameInfo info{kRefsSaturated - 1, FrameType::kData, 0, 0, 0, 0};
  frame_ref(info);
  frame_ref(info);
  EXPECT_EQ(info.refs, kRefsSaturated);
  EXPECT_FALSE(frame_unref(info));
  EXPECT_EQ(info.refs, kRefsSaturated);
}

TEST_F(FrameTableTest, AdoptedFramesJoinTheAccount) {
  start(0x4000'0000);
  Pool& pool = pool_init();
  const u64 total = frames_total();
  const u64 limit = pool.limit;
  frame_adopt(pool, frame(51));
  EXPECT_EQ(frames_total(), total + 1);
  EXPECT_EQ(pool.limit, limit + 1);
  EXPECT_EQ(pool.used, 1u);
  EXPECT_TRUE(frame_unref(frame_info(frame(51))));
  frame_release(frame(51));
  EXPECT_EQ(frames_free(), total + 1);
}

}  // namespace
}  // namespace tine
