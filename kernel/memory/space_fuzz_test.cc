// Random operations on several spaces against a map of pages, with stale TLBs,
// injected faults and pools that run dry.
#include <gtest/gtest.h>

#include <random>

#include "arch/hw/page_table_format.h"
#include "kernel/base/fault_site.h"
#include "kernel/memory/path.h"
#include "kernel/memory/space_oracle.h"
#include "kernel/memory/teardown.h"
#include "kernel/memory/test_machine.h"

namespace tine {
namespace {

struct FuzzOptions {
  unsigned seed;
  u64 frames;
  bool inject;     // fail a random frame_take of a third of the operations
  unsigned eager;  // per cent of forks
  unsigned steps = 400;
};

constexpr u64 page_of(u64 va) { return va >> kPageShift; }

class Fuzz {
 public:
  explicit Fuzz(const FuzzOptions& options)
      : options_(options), machine_(options.frames), random_(options.seed) {}

  void run() {
    add(machine_.create(SpaceKind::kLoadable), SpaceKind::kLoadable);
    add(machine_.create(SpaceKind::kObject), SpaceKind::kObject);
    for (step_ = 0; step_ < options_.steps; ++step_) {
      if (options_.inject && pick(3) == 0) {
        fault_injection.arm(1 + pick(6));
      }
      operate();
      fault_injection.arm(0);
      verify();
      if (testing::Test::HasFatalFailure()) return;
    }
    ASSERT_EQ(machine_.check_no_leak(), "");
  }

 private:
  struct Pair {
    Space* space;
    OracleSpace oracle;
  };

  u64 pick(u64 below) { return random_() % below; }
  static VirtAddr va_of(u64 page) { return {page << kPageShift}; }

  void add(Space* space, SpaceKind kind) {
    if (space != nullptr) pairs_.push_back({space, OracleSpace(kind)});
  }
  Pair& any() { return pairs_[pick(pairs_.size())]; }
  std::string where() const {
    return "seed " + std::to_string(options_.seed) + " step " +
           std::to_string(step_);
  }

  // Ranges lie around the borders of tables of every level.
  u64 any_page() {
    static constexpr u64 kBases[] = {
        page_of(0x40'0000),        page_of(0x3f'f000),
        page_of(0x3fff'f000),      page_of(0x7f'ffff'e000),
        page_of(0x7fff'0000'0000), page_of(hw::PageTableFormat::kUserTop) - 24};
    return kBases[pick(std::size(kBases))] + pick(12);
  }
  u64 any_count() {
    static constexpr u64 kLarge[] = {512, 700, 1024};
    return pick(12) == 0 ? kLarge[pick(std::size(kLarge))] : 1 + pick(12);
  }
  u8 any_rights() {
    static constexpr u8 kRights[] = {
        kRead, kRead | kWrite,   kRead | kWrite,           kRead | kWrite,
        0,     kRead | kExecute, kRead | kWrite | kExecute};
    return kRights[pick(std::size(kRights))];
  }
  static bool fits(u64 page, u64 count) {
    return page + count <= page_of(hw::PageTableFormat::kUserTop);
  }
  void expect_failure_allowed(Status status) {
    ASSERT_EQ(status, Status::kNoMemory) << where();
    ASSERT_TRUE(options_.inject || options_.frames < 1000) << where();
  }

  void operate() {
    switch (pick(17)) {
      case 0:
      case 1:
        return fork();
      case 2:
        return destroy();
      case 3:
      case 4:
        return range(0);
      case 5:
        return range(1);
      case 6:
        return range(2);
      case 7:
        return populate();
      case 8:
      case 9:
        return map();
      case 10:
        return copy();
      case 16:
        return map_present();
      case 11:
        if (pairs_.size() < 8 && pick(4) == 0) {
          const auto kind =
              pick(2) == 0 ? SpaceKind::kObject : SpaceKind::kLoadable;
          add(machine_.create(kind), kind);
        }
        teardown_run(static_cast<unsigned>(pick(4)));
        return;
      default:
        return store();
    }
  }

  void fork() {
    Pair& source = any();
    if (pairs_.size() > 7 || source.oracle.kind() == SpaceKind::kObject) return;
    const bool eager = pick(100) < options_.eager;
    Space* const child = machine_.fork(
        *source.space, eager ? ForkMode::kEager : ForkMode::kShareTables);
    if (child == nullptr) return;
    Pair pair{child, source.oracle};
    pairs_.push_back(std::move(pair));
  }

  void destroy() {
    if (pairs_.size() < 3) return;
    const u64 victim = pick(pairs_.size());
    machine_.destroy(pairs_[victim].space);
    pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(victim));
  }

  void range(int operation) {
    Pair& pair = any();
    const u64 page = any_page();
    const u64 count = any_count();
    const u8 rights = any_rights();
    const Progress progress = run_to_end(count, [&](u64 done, u64 left) {
      const VirtAddr va = va_of(page + done);
      return operation == 0   ? space_mark(*pair.space, va, left, rights)
             : operation == 1 ? space_unmap(*pair.space, va, left)
                              : space_protect(*pair.space, va, left, rights);
    });
    if (!fits(page, count)) {
      ASSERT_EQ(progress.status, Status::kInvalid) << where();
      ASSERT_EQ(progress.pages, 0u);
      return;
    }
    if (progress.status != Status::kOk) expect_failure_allowed(progress.status);
    if (operation == 0) pair.oracle.mark(page, progress.pages, rights);
    if (operation == 1) pair.oracle.unmap(page, progress.pages);
    if (operation == 2) pair.oracle.protect(page, progress.pages, rights);
  }

  void populate() {
    Pair& pair = any();
    const u64 page = any_page();
    const u64 count = 1 + pick(6);
    const u8 rights = any_rights();
    if (!fits(page, count)) return;
    const Progress progress =
        space_populate(*pair.space, va_of(page), count, rights);
    if (progress.status != Status::kOk) expect_failure_allowed(progress.status);
    for (u64 i = 0; i < progress.pages; ++i) {
      pair.oracle.populate(page + i, rights);
    }
  }

  void map() {
    Pair& to = any();
    Pair& from = any();
    const u64 page = any_page();
    const u64 source_page = any_page();
    const u64 count = 1 + pick(6);
    const u8 rights = any_rights();
    const MapMode mode = pick(2) == 0 ? MapMode::kShared : MapMode::kPrivate;
    if (!fits(page, count) || !fits(source_page, count)) return;
    for (u64 i = 0; i < count; ++i) {
      const u64 now = source_page + i;
      const OraclePage* const source = from.oracle.find(now);
      const bool possible = from.oracle.can_map(now, mode);
      const bool refused = possible && mode == MapMode::kShared &&
                           !source->shared && !source->mark &&
                           (source->rights & kWrite) == 0;
      const bool mark_refused = possible && mode == MapMode::kShared &&
                                source->mark &&
                                from.oracle.kind() == SpaceKind::kLoadable &&
                                (source->rights & kWrite) == 0;
      const Progress progress = space_map(
          *to.space, va_of(page + i), *from.space, va_of(now), 1, rights, mode);
      if (progress.status == Status::kNoMemory) {
        expect_failure_allowed(progress.status);
        return adjust_source(from, now);
      }
      if (!possible) {
        ASSERT_EQ(progress.status, Status::kFault) << where();
        return;
      }
      if (refused || mark_refused) {
        ASSERT_EQ(progress.status, Status::kInvalid) << where();
        return adjust_source(from, now);
      }
      ASSERT_EQ(progress.status, Status::kOk) << where();
      to.oracle.map(page + i, from.oracle, now, rights, mode);
    }
  }

  void map_present() {
    Pair& to = any();
    Pair& from = any();
    const u64 page = any_page();
    const u64 source_page = any_page();
    const u64 count = any_count();
    const u8 rights = any_rights();
    const MapMode mode = pick(2) == 0 ? MapMode::kShared : MapMode::kPrivate;
    const bool valid = fits(page, count) && fits(source_page, count) &&
                       from.oracle.kind() == SpaceKind::kObject && &to != &from;
    const Progress progress = run_to_end(count, [&](u64 done, u64 left) {
      return space_map_present(*to.space, va_of(page + done), *from.space,
                               va_of(source_page + done), left, rights, mode);
    });
    if (!valid) {
      ASSERT_EQ(progress.status, Status::kInvalid) << where();
      return;
    }
    if (progress.status != Status::kOk) expect_failure_allowed(progress.status);
    for (u64 i = 0; i < progress.pages; ++i) {
      const OraclePage* const source = from.oracle.find(source_page + i);
      if (source == nullptr || source->mark || !source->shared ||
          source->rights == 0 || to.oracle.find(page + i) != nullptr) {
        continue;
      }
      to.oracle.map(page + i, from.oracle, source_page + i, rights, mode);
    }
  }

  // A map that failed may have brought the source page in, or shared it.
  void adjust_source(Pair& from, u64 page) {
    const Look look = look_up(*from.space, va_of(page));
    OraclePage* const source = from.oracle.find(page);
    if (source == nullptr) return;
    if (source->mark && !Format::is_mark(look.entry)) {
      from.oracle.materialise(page);
    }
    if (!source->mark && !source->shared && Format::is_shared(look.entry)) {
      from.oracle.share(page);
    }
  }

  void store() {
    Pair& pair = any();
    const u64 page = any_page();
    if (!fits(page, 1)) return;
    const auto i = static_cast<unsigned>(pick(8));
    const u8 value = static_cast<u8>(pick(256));
    const VirtAddr va = va_of(page) + content_offset(i);
    Status status = Status::kOk;
    if (pair.oracle.kind() == SpaceKind::kLoadable) {
      status = machine_.user_store(*pair.space, va, value);
    } else if (u8* const window =
                   space_window(*pair.space, va, Access::kWrite, status)) {
      *window = value;
    }
    if (!pair.oracle.writable(page)) {
      ASSERT_EQ(status, Status::kFault) << where();
      return;
    }
    if (status != Status::kOk) return expect_failure_allowed(status);
    pair.oracle.store(page, i, value);
  }

  void copy() {
    Pair& to = any();
    Pair& from = any();
    const u64 page = any_page();
    const u64 source_page = any_page();
    const u64 count = 1 + pick(3);
    if (page == source_page || !fits(page, count) ||
        !fits(source_page, count)) {
      return;
    }
    // Overlapping ranges have no defined result.
    if (page < source_page + count && source_page < page + count) return;
    // The same content behind both has none either.
    for (u64 i = 0; i < count; ++i) {
      for (u64 j = 0; j < count; ++j) {
        const OraclePage* const a = to.oracle.find(page + i);
        const OraclePage* const b = from.oracle.find(source_page + j);
        if (a && b && a->shared && a->content == b->content) return;
      }
    }
    CopyFault fault;
    const u64 done = copy_between(*to.space, va_of(page), *from.space,
                                  va_of(source_page), count * kPageSize, fault);
    ASSERT_EQ(done % kPageSize, 0u);
    const u64 pages = done / kPageSize;
    for (u64 i = 0; i < pages; ++i) {
      ASSERT_TRUE(to.oracle.writable(page + i)) << where();
      ASSERT_TRUE(from.oracle.readable(source_page + i)) << where();
      to.oracle.materialise(page + i);
      // A hole of an object is read without a page coming to it.
      const bool hole = from.oracle.kind() == SpaceKind::kObject &&
                        from.oracle.find(source_page + i)->mark;
      if (!hole) from.oracle.materialise(source_page + i);
      const PageContent content =
          hole ? PageContent{} : *from.oracle.find(source_page + i)->content;
      for (unsigned k = 0; k < content.size(); ++k) {
        to.oracle.store(page + i, k, content[k]);
      }
    }
    if (pages == count) {
      ASSERT_EQ(fault.status, Status::kOk);
      return;
    }
    adjust_source(to, page + pages);
    adjust_source(from, source_page + pages);
    if (fault.status == Status::kNoMemory) {
      return expect_failure_allowed(fault.status);
    }
    ASSERT_EQ(fault.status, Status::kFault) << where();
    const bool target = !to.oracle.writable(page + pages);
    ASSERT_TRUE(target || !from.oracle.readable(source_page + pages));
    ASSERT_EQ(fault.space, target ? to.space : from.space) << where();
  }

  void verify() {
    ASSERT_EQ(machine_.check(), "") << where();
    for (Pair& pair : pairs_) {
      ASSERT_EQ(pair.space->rss, pair.oracle.rss()) << where();
      verify_pages(pair);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  // Contents by walks, which change nothing; now and then also through the
  // TLB, which then remembers them.
  void verify_pages(Pair& pair) {
    const bool all = step_ % 16 == 15;
    for (const auto& [page, expected] : pair.oracle.pages()) {
      if (!all && pick(8) != 0) continue;
      const Look look = look_up(*pair.space, va_of(page));
      ASSERT_EQ(Format::rights(look.entry), expected.rights)
          << where() << " page " << page;
      ASSERT_EQ(Format::is_mark(look.entry), expected.mark)
          << where() << " page " << page;
      if (expected.mark) continue;
      ASSERT_EQ(Format::is_shared(look.entry), expected.shared) << where();
      const u8* const bytes = hw::phys_to_virt(Format::address(look.entry));
      for (unsigned i = 0; i < expected.content->size(); ++i) {
        ASSERT_EQ(bytes[content_offset(i)], (*expected.content)[i])
            << where() << " page " << page;
      }
      if (pair.oracle.kind() == SpaceKind::kObject) continue;
      verify_tlb(pair, va_of(page), expected);
      if (testing::Test::HasFatalFailure()) return;
    }
    if (pair.oracle.kind() == SpaceKind::kLoadable) {
      verify_holes(pair);
    }
  }

  void verify_tlb(Pair& pair, VirtAddr va, const OraclePage& expected) {
    if (pair.space->asid_generation == asid_generation) {
      ASSERT_EQ(
          sim::tlb.check(pair.space->asid, pair.space->root.address(), va), "")
          << where();
    }
    u8 value = 0;
    const Status status = machine_.user_load(*pair.space, va, value);
    ASSERT_EQ(status, expected.rights == 0 ? Status::kFault : Status::kOk);
    if (status == Status::kOk) {
      ASSERT_EQ(value, (*expected.content)[0]) << where();
    }
  }

  void verify_holes(Pair& pair) {
    const u64 page = any_page();
    if (!fits(page, 1) || pair.oracle.readable(page)) return;
    u8 value = 0;
    ASSERT_EQ(machine_.user_load(*pair.space, va_of(page), value),
              Status::kFault)
        << where();
  }

  FuzzOptions options_;
  TestMachine machine_;
  std::mt19937 random_;
  std::vector<Pair> pairs_;
  unsigned step_ = 0;
};

TEST(SpaceFuzz, SharedTables) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Fuzz({seed, 12000, false, 0}).run();
    if (HasFatalFailure()) return;
  }
}

TEST(SpaceFuzz, EagerAndSharedMixed) {
  for (unsigned seed = 101; seed <= 108; ++seed) {
    Fuzz({seed, 12000, false, 50}).run();
    if (HasFatalFailure()) return;
  }
}

TEST(SpaceFuzz, EagerOnly) {
  for (unsigned seed = 201; seed <= 206; ++seed) {
    Fuzz({seed, 12000, false, 100}).run();
    if (HasFatalFailure()) return;
  }
}

TEST(SpaceFuzz, InjectedFaults) {
  for (unsigned seed = 301; seed <= 312; ++seed) {
    Fuzz({seed, 12000, true, 20}).run();
    if (HasFatalFailure()) return;
  }
}

TEST(SpaceFuzz, FewFrames) {
  for (unsigned seed = 401; seed <= 412; ++seed) {
    Fuzz({seed, 96, false, 20}).run();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tine
