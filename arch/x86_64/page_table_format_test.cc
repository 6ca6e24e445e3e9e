#include "arch/x86_64/page_table_format.h"

#include <gtest/gtest.h>

namespace tine::hw {
namespace {

using Format = PageTableFormat;
constexpr PhysAddr kFrame{0x1234'5000};

TEST(PageTableFormat, HardwareBitsFollowRights) {
  const u64 read = Format::make_leaf(kFrame, kRead, false);
  EXPECT_EQ(read,
            kFrame.value | 1 << 0 | 1 << 2 | 1 << 5 | 1 << 6 | u64{1} << 63);
  const u64 write = Format::make_leaf(kFrame, kRead | kWrite, false);
  EXPECT_EQ(write, read | 1 << 1 | Format::kSoftWritable);
  const u64 execute = Format::make_leaf(kFrame, kRead | kExecute, true);
  EXPECT_EQ(execute, (read & ~(u64{1} << 63)) | Format::kSoftShared);
}

// Whatever the rights and sharing, an entry says what it was made of.
TEST(PageTableFormat, EveryKindOfEntryIsReadBack) {
  for (unsigned r = 0; r < 8; ++r) {
    const u8 rights = static_cast<u8>(r);
    const u64 mark = Format::make_mark(rights);
    EXPECT_TRUE(Format::is_mark(mark) && !Format::is_kept(mark));
    EXPECT_TRUE(mark != 0 && !Format::is_present(mark));
    EXPECT_EQ(Format::rights(mark), rights);
    for (const bool shared : {false, true}) {
      const u64 leaf = Format::make_leaf(kFrame, rights, shared);
      EXPECT_EQ(Format::address(leaf), kFrame);
      EXPECT_EQ(Format::is_shared(leaf), shared);
      EXPECT_FALSE(Format::is_mark(leaf));
      EXPECT_EQ(Format::is_present(leaf), rights != 0);
      EXPECT_EQ(Format::is_kept(leaf), rights == 0);
      EXPECT_EQ(Format::rights(leaf), rights == 0 ? 0 : rights | kRead);
      EXPECT_FALSE(Format::is_table(leaf, 0));
    }
  }
  const u64 table = Format::make_table(kFrame);
  EXPECT_TRUE(Format::is_table(table, 1) && !Format::is_table(table, 0));
  EXPECT_FALSE(Format::is_table(table | Format::kHuge, 1));
}

TEST(PageTableFormat, ReadOnlyForCopyOnWriteKeepsTheRight) {
  const u64 leaf = Format::make_leaf(kFrame, kRead | kWrite, false);
  const u64 frozen = Format::set_read_only(leaf);
  EXPECT_FALSE(Format::hardware_writable(frozen));
  EXPECT_FALSE(Format::hardware_allows(frozen, Access::kWrite));
  EXPECT_TRUE(Format::hardware_allows(frozen, Access::kRead));
  EXPECT_EQ(Format::rights(frozen), kRead | kWrite);
  EXPECT_EQ(Format::clear_read_only(frozen), leaf);
}

// mprotect must not make a copy-on-write page writable behind the fault's back.
TEST(PageTableFormat, OtherRightsNeverAddHardwareWriteToPrivateLeaves) {
  const u64 leaf = Format::make_leaf(kFrame, kRead | kWrite, false);
  const u64 frozen = Format::set_read_only(leaf);
  EXPECT_EQ(Format::with_rights(leaf, kRead | kWrite), leaf);
  for (const u64 from : {frozen, Format::make_leaf(kFrame, kRead, false),
                         Format::make_none(kFrame, false)}) {
    const u64 to = Format::with_rights(from, kRead | kWrite);
    EXPECT_FALSE(Format::hardware_writable(to));
    EXPECT_EQ(Format::rights(to), kRead | kWrite);
    EXPECT_EQ(Format::address(to), kFrame);
  }
  const u64 shared = Format::make_none(kFrame, true);
  EXPECT_EQ(Format::with_rights(shared, kRead | kWrite),
            Format::make_leaf(kFrame, kRead | kWrite, true));
  EXPECT_EQ(Format::with_rights(leaf, 0), Format::make_none(kFrame, false));
  EXPECT_EQ(Format::with_rights(Format::make_mark(kRead), kWrite),
            Format::make_mark(kWrite));
  const u64 device = Format::make_device_leaf(kFrame);
  EXPECT_EQ(Format::with_rights(device, kRead | kWrite), device);
}

// L1TF: a CPU that ignores P=0 must not find RAM there.
TEST(PageTableFormat, KeptEntriesPointAboveMemory) {
  EXPECT_GE(Format::make_none(kFrame, false) & Format::kAddressMask,
            u64{1} << 51);
}

TEST(PageTableFormat, IndexSplitsAddresses) {
  const VirtAddr va{u64{3} << 39 | u64{5} << 30 | u64{7} << 21 | u64{9} << 12};
  EXPECT_EQ(Format::index(va, 3), 3u);
  EXPECT_EQ(Format::index(va, 2), 5u);
  EXPECT_EQ(Format::index(va, 1), 7u);
  EXPECT_EQ(Format::index(va, 0), 9u);
  EXPECT_EQ(Format::index(VirtAddr{Format::kUserTop - 1}, 3), 255u);
}

}  // namespace
}  // namespace tine::hw
