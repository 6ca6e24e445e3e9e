#include "kernel/memory/space.h"

#include <gtest/gtest.h>

#include "arch/hw/mmu.h"
#include "kernel/memory/path.h"
#include "kernel/memory/teardown.h"
#include "kernel/memory/test_machine.h"

namespace tine {
namespace {

constexpr VirtAddr kBase{0x4000'0000};
constexpr u8 kReadWrite = kRead | kWrite;

class SpaceTest : public testing::Test {
 protected:
  SpaceTest() : machine_(4000) {
    space_ = machine_.create(SpaceKind::kLoadable);
  }
  ~SpaceTest() override { EXPECT_EQ(machine_.check_no_leak(), ""); }

  void populate(Space& space, VirtAddr va, u64 pages, u8 rights = kReadWrite) {
    const Progress progress = run_to_end(pages, [&](u64 done, u64 left) {
      return space_populate(space, va + done * kPageSize, left, rights);
    });
    ASSERT_EQ(progress.status, Status::kOk);
  }
  void store(Space& space, VirtAddr va, u8 value) {
    ASSERT_EQ(machine_.user_store(space, va, value), Status::kOk);
  }
  u8 load(Space& space, VirtAddr va) {
    u8 value = 0xee;
    EXPECT_EQ(machine_.user_load(space, va, value), Status::kOk);
    return value;
  }
  u64 used() { return machine_.pool().used; }
  static Frame frame_at(const Space& space, VirtAddr va) {
    return entry_frame(look_up(space, va).entry);
  }

  TestMachine machine_;
  Space* space_;
};

TEST_F(SpaceTest, ForkTakesOneFrameWhateverTheSize) {
  populate(*space_, kBase, 1500);
  populate(*space_, {0x7000'0000'0000}, 3);
  const u64 before = used();
  Space* const child = machine_.fork(*space_, ForkMode::kShareTables);
  EXPECT_EQ(used(), before + 1);
  EXPECT_EQ(child->rss, 1503u);
}

TEST_F(SpaceTest, FirstWriteCopiesOnePathAndOnePage) {
  populate(*space_, kBase, 100);
  Space* const child = machine_.fork(*space_, ForkMode::kShareTables);
  const u64 before = used();
  store(*child, kBase + 5, 9);
  EXPECT_EQ(used(), before + 4);  // three tables, one page
  EXPECT_EQ(load(*space_, kBase + 5), 0);
  store(*child, kBase + kPageSize, 9);
  EXPECT_EQ(used(), before + 5);
}

TEST_F(SpaceTest, SoleOwnerTakesAllBackWithoutCopies) {
  populate(*space_, kBase, 100);
  machine_.destroy(machine_.fork(*space_, ForkMode::kShareTables));
  while (teardown_run(1)) {
  }
  const u64 before = used();
  const u64 faults = space_->minor_faults;
  for (u64 i = 0; i < 100; ++i) store(*space_, kBase + i * kPageSize, 1);
  EXPECT_EQ(used(), before);
  EXPECT_EQ(space_->minor_faults, faults);
}

TEST_F(SpaceTest, EagerForkSharesNoTable) {
  populate(*space_, kBase, 600);
  Space* const child = machine_.fork(*space_, ForkMode::kEager);
  for (Space* space : {space_, child}) {
    for (u64 i = 0; i < 600; ++i) {
      const Look look = look_up(*space, kBase + i * kPageSize);
      ASSERT_EQ(look.shared_tables, 0u);
      ASSERT_EQ(frame_info(entry_frame(look.entry)).refs, 2u);
    }
  }
}

TEST_F(SpaceTest, SharedPagesAreWrittenInPlaceAcrossForks) {
  Space* const object = machine_.create(SpaceKind::kObject);
  populate(*object, {0}, 1);
  ASSERT_EQ(
      space_map(*space_, kBase, *object, {0}, 1, kReadWrite, MapMode::kShared)
          .status,
      Status::kOk);
  Space* const child = machine_.fork(*space_, ForkMode::kShareTables);
  store(*child, kBase, 5);
  EXPECT_EQ(load(*space_, kBase), 5);
  Status status;
  EXPECT_EQ(*space_window(*object, {0}, Access::kRead, status), 5);
}

TEST_F(SpaceTest, PrivateMappingIsCopiedUnlessItIsTheLast) {
  Space* const object = machine_.create(SpaceKind::kObject);
  populate(*object, {0}, 2);
  ASSERT_EQ(
      space_map(*space_, kBase, *object, {0}, 2, kReadWrite, MapMode::kPrivate)
          .status,
      Status::kOk);
  const Frame first = frame_at(*space_, kBase);
  const Frame second = frame_at(*space_, kBase + kPageSize);
  store(*space_, kBase, 5);
  EXPECT_NE(frame_at(*space_, kBase), first);
  ASSERT_EQ(space_unmap(*object, {0}, 2).status, Status::kOk);
  store(*space_, kBase + kPageSize, 5);
  EXPECT_EQ(frame_at(*space_, kBase + kPageSize), second);
}

TEST_F(SpaceTest, LargeRangesAreFewEntries) {
  constexpr u64 kPages = (256 << 20) / kPageSize;
  const u64 before = used();
  unsigned calls = 0;
  Progress progress = run_to_end(kPages, [&](u64 done, u64 left) {
    ++calls;
    return space_mark(*space_, kBase + done * kPageSize, left, kReadWrite);
  });
  EXPECT_EQ(progress.status, Status::kOk);
  EXPECT_LE(calls, 3u);
  EXPECT_EQ(used(), before + 2);
  // A touch splits the mark; its neighbours stay demand-zero.
  store(*space_, kBase + 0x123'4567, 1);
  EXPECT_EQ(load(*space_, kBase + 0x123'5567), 0);
  EXPECT_EQ(space_->rss, 2u);
  EXPECT_EQ(space_->minor_faults, 2u);
  calls = 0;
  progress = run_to_end(kPages, [&](u64 done, u64 left) {
    ++calls;
    return space_protect(*space_, kBase + done * kPageSize, left, kRead);
  });
  EXPECT_EQ(progress.status, Status::kOk);
  EXPECT_LE(calls, 12u);  // one table of leaves among 128 marks
  EXPECT_EQ(machine_.user_store(*space_, kBase, 1), Status::kFault);
}

TEST_F(SpaceTest, CoveredSubtreesAreDroppedWhole) {
  populate(*space_, kBase, 1024);
  Space* const child = machine_.fork(*space_, ForkMode::kShareTables);
  const Progress progress = space_unmap(*child, kBase, 1024);
  EXPECT_EQ(progress.status, Status::kOk);
  EXPECT_EQ(progress.pages, 1024u);
  EXPECT_EQ(child->rss, 0u);
  EXPECT_EQ(space_->rss, 1024u);
  EXPECT_EQ(space_unmap(*space_, kBase, 1024).status, Status::kOk);
  EXPECT_TRUE(teardown_pending());
}

TEST_F(SpaceTest, ShortageRunsTeardownFirst) {
  populate(*space_, kBase, 1000);
  machine_.destroy(space_);
  ASSERT_TRUE(teardown_pending());
  machine_.pool().limit = machine_.pool().used + 1;
  space_ = machine_.create(SpaceKind::kLoadable);
  ASSERT_NE(space_, nullptr);
  populate(*space_, kBase, 900);
  machine_.pool().limit = frames_total();
}

TEST_F(SpaceTest, NewSpacesPayForTeardown) {
  populate(*space_, kBase, 1000);
  machine_.destroy(space_);
  unsigned spaces = 0;  // each takes off 128 entries
  while (teardown_pending()) {
    ASSERT_NE(machine_.create(SpaceKind::kLoadable), nullptr);
    ASSERT_LE(++spaces, 10u);
  }
  space_ = machine_.create(SpaceKind::kLoadable);
}

TEST_F(SpaceTest, TeardownKeepsUpWithoutAPause) {
  // Each takes more to drop than a new space pays at least.
  for (unsigned i = 0; i < 200; ++i) {
    Space* const space = machine_.create(SpaceKind::kLoadable);
    ASSERT_NE(space, nullptr);
    populate(*space, kBase, 400);
    machine_.destroy(space);
    ASSERT_LE(teardown_length(), 20u);
  }
}

TEST_F(SpaceTest, OperationsAreBounded) {
  EXPECT_EQ(space_populate(*space_, kBase, 1000, kReadWrite).pages, kQuantum);
  EXPECT_EQ(space_populate(*space_, kBase, 1000, kReadWrite).status,
            Status::kMore);
  const Progress progress = space_protect(*space_, kBase, 100, kRead);
  EXPECT_EQ(progress.status, Status::kMore);
  EXPECT_EQ(progress.pages, kQuantum);
  EXPECT_EQ(space_unmap(*space_, kBase, 0).status, Status::kOk);
}

TEST_F(SpaceTest, WhatIsSoAlreadyIsPassedOverQuickly) {
  // Not a whole table, which would be one entry in the table above it.
  constexpr VirtAddr kFirst{kBase.value + kPageSize};
  constexpr u64 kPages = kTableEntries - 1;
  const auto mark = [&](u64 done, u64 left) {
    return space_mark(*space_, kFirst + done * kPageSize, left, kReadWrite);
  };
  ASSERT_EQ(run_to_end(kPages, mark).status, Status::kOk);
  store(*space_, kBase + 200 * kPageSize, 1);
  EXPECT_GT(space_protect(*space_, kFirst, kPages, kReadWrite).pages,
            7 * kQuantum);
  // The one page goes, and the marks around it stay.
  EXPECT_GT(mark(0, kPages).pages, 7 * kQuantum);
  ASSERT_EQ(run_to_end(kPages, mark).status, Status::kOk);
  EXPECT_EQ(space_->rss, 0u);
}

TEST_F(SpaceTest, RefusesBadRanges) {
  const VirtAddr top{Format::kUserTop};
  for (const auto& [va, pages] : {std::pair<VirtAddr, u64>{{1}, 1},
                                  {top, 1},
                                  {{top.value - kPageSize}, 2},
                                  {kBase, ~u64{0}},
                                  {{~kPageMask}, 2},
                                  {kBase, ~u64{0} >> kPageShift}}) {
    EXPECT_EQ(space_mark(*space_, va, pages, kRead).status, Status::kInvalid);
    EXPECT_EQ(space_unmap(*space_, va, pages).status, Status::kInvalid);
    EXPECT_EQ(space_protect(*space_, va, pages, kRead).status,
              Status::kInvalid);
    EXPECT_EQ(space_populate(*space_, va, pages, kRead).status,
              Status::kInvalid);
    EXPECT_EQ(
        space_map(*space_, va, *space_, kBase, pages, 1, MapMode::kPrivate)
            .status,
        Status::kInvalid);
    EXPECT_EQ(
        space_map(*space_, kBase, *space_, va, pages, 1, MapMode::kPrivate)
            .status,
        Status::kInvalid);
  }
  for (const u64 va : {Format::kUserTop, u64{1} << 47, u64{1} << 48,
                       u64{0xffff'8000'0000'0000}, ~u64{0}}) {
    if (va < Format::kUserTop) continue;
    EXPECT_EQ(space_resolve(*space_, {va}, Access::kWrite), Status::kFault);
    Status status;
    EXPECT_EQ(space_window(*space_, {va}, Access::kRead, status), nullptr);
    EXPECT_EQ(status, Status::kFault);
  }
}

TEST_F(SpaceTest, NoAccessKeepsThePage) {
  populate(*space_, kBase, 1);
  store(*space_, kBase, 7);
  ASSERT_EQ(space_protect(*space_, kBase, 1, 0).status, Status::kOk);
  u8 value;
  EXPECT_EQ(machine_.user_load(*space_, kBase, value), Status::kFault);
  Space* const child = machine_.fork(*space_, ForkMode::kShareTables);
  ASSERT_EQ(space_protect(*child, kBase, 1, kReadWrite).status, Status::kOk);
  store(*child, kBase + 1, 8);
  EXPECT_EQ(load(*child, kBase), 7);
  ASSERT_EQ(space_protect(*space_, kBase, 1, kRead).status, Status::kOk);
  EXPECT_EQ(load(*space_, kBase + 1), 0);
  EXPECT_EQ(machine_.user_store(*space_, kBase, 1), Status::kFault);
}

TEST_F(SpaceTest, ExecuteNeedsTheRightAndFetchableContent) {
  populate(*space_, kBase, 1);
  EXPECT_EQ(space_resolve(*space_, kBase, Access::kExecute), Status::kFault);
  u64 syncs = hw::icache_syncs;
  ASSERT_EQ(space_protect(*space_, kBase, 1, kRead | kExecute).status,
            Status::kOk);
  EXPECT_EQ(hw::icache_syncs, ++syncs);
  EXPECT_EQ(space_resolve(*space_, kBase, Access::kExecute), Status::kOk);
  // Not again while the kernel has not written it ...
  ASSERT_EQ(space_protect(*space_, kBase, 1, kReadWrite).status, Status::kOk);
  ASSERT_EQ(space_protect(*space_, kBase, 1, kRead | kExecute).status,
            Status::kOk);
  EXPECT_EQ(hw::icache_syncs, syncs);
  // ... but then.
  ASSERT_EQ(space_protect(*space_, kBase, 1, kReadWrite).status, Status::kOk);
  Status status;
  *space_window(*space_, kBase, Access::kWrite, status) = 1;
  ASSERT_EQ(space_protect(*space_, kBase, 1, kRead | kExecute).status,
            Status::kOk);
  EXPECT_EQ(hw::icache_syncs, syncs + 1);
}

TEST_F(SpaceTest, AsidsRollOver) {
  std::vector<Space*> spaces{space_};
  populate(*space_, kBase, 1);
  for (u8 i = 1; i < 40; ++i) {
    spaces.push_back(machine_.fork(*space_, ForkMode::kShareTables));
    store(*spaces.back(), kBase, i);
  }
  const u64 generation = asid_generation;
  for (int round = 0; round < 3; ++round) {
    for (usize i = 0; i < spaces.size(); ++i) {
      ASSERT_EQ(load(*spaces[i], kBase), i);
    }
  }
  EXPECT_GE(asid_generation, generation + 3);
  EXPECT_EQ(machine_.check(), "");
}

TEST_F(SpaceTest, PrivatePageBecomesShared) {
  populate(*space_, kBase, 2);
  ASSERT_EQ(space_protect(*space_, kBase + kPageSize, 1, kRead).status,
            Status::kOk);
  Space* const sibling = machine_.fork(*space_, ForkMode::kShareTables);
  Space* const other = machine_.create(SpaceKind::kLoadable);
  EXPECT_EQ(
      space_map(*other, kBase, *space_, kBase, 1, kReadWrite, MapMode::kShared)
          .status,
      Status::kOk);
  store(*other, kBase, 6);
  EXPECT_EQ(load(*space_, kBase), 6);
  EXPECT_EQ(load(*sibling, kBase), 0);
  EXPECT_EQ(space_map(*other, kBase, *space_, kBase + kPageSize, 1, kRead,
                      MapMode::kShared)
                .status,
            Status::kInvalid);
}

TEST_F(SpaceTest, MovedMarksStayMarks) {
  ASSERT_EQ(space_mark(*space_, kBase, 4, kReadWrite).status, Status::kOk);
  const VirtAddr moved{0x5000'0000};
  ASSERT_EQ(space_map(*space_, moved, *space_, kBase, 4, kReadWrite,
                      MapMode::kPrivate)
                .status,
            Status::kOk);
  EXPECT_EQ(space_->rss, 0u);
  EXPECT_EQ(load(*space_, moved), 0);
}

TEST_F(SpaceTest, CopyTellsWhereItStopped) {
  populate(*space_, kBase, 2);
  Space* const other = machine_.create(SpaceKind::kLoadable);
  ASSERT_EQ(space_mark(*other, kBase, 1, kReadWrite).status, Status::kOk);
  store(*space_, kBase + 4000, 3);
  CopyFault fault;
  EXPECT_EQ(
      copy_between(*other, kBase + 50, *space_, kBase + 4000, 4000, fault),
      4000u);
  EXPECT_EQ(load(*other, kBase + 50), 3);
  EXPECT_EQ(copy_between(*other, kBase + 96, *space_, kBase, 5000, fault),
            4000u);
  EXPECT_EQ(fault.status, Status::kFault);
  EXPECT_EQ(fault.space, other);
  EXPECT_EQ(fault.address.value, (kBase + kPageSize).value);
  EXPECT_EQ(copy_between(*other, kBase, *space_, kBase + (2 * kPageSize - 10),
                         20, fault),
            10u);
  EXPECT_EQ(fault.space, space_);
  // No wrap around the end of the address space.
  EXPECT_EQ(copy_between(*other, {~u64{0} - 4}, *space_, kBase, 20, fault), 0u);
  EXPECT_EQ(fault.status, Status::kFault);
}

TEST(SpaceAdopt, MapsReservedFrames) {
  constexpr u64 kReserved = 10;
  TestMachine machine(500, kReserved);
  Space* const object = machine.create(SpaceKind::kObject);
  const u64 total = frames_total();
  const PhysRange range = machine.reserved();
  *(hw::phys_to_virt(range.begin) + 3 * kPageSize) = 42;
  const PhysRange free{{range.begin.value - kPageSize}, range.begin};
  EXPECT_EQ(space_adopt(*object, {0}, free), Status::kInvalid);
  EXPECT_EQ(space_adopt(*object, {0}, {range.begin, range.begin + 5}),
            Status::kInvalid);
  ASSERT_EQ(space_adopt(*object, {kPageSize}, range), Status::kOk);
  EXPECT_EQ(frames_total(), total + kReserved);
  EXPECT_EQ(object->rss, kReserved);
  EXPECT_EQ(machine.check(), "");
  Status status;
  EXPECT_EQ(*space_window(*object, {4 * kPageSize}, Access::kWrite, status),
            42);
  // They are not reserved any more: not twice.
  EXPECT_EQ(space_adopt(*object, {100 * kPageSize}, range), Status::kInvalid);
  EXPECT_EQ(machine.check_no_leak(), "");
  EXPECT_EQ(frames_free(), total + kReserved);
}

}  // namespace
}  // namespace tine
