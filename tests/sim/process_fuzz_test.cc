// Random programs, by seed, against a simple model of what processes are.
//
// A process runs a list of random steps. The model is the process itself, in
// host variables of its script: its own copy of the memory's values, which a
// child inherits by value at fork, and the list of its children with the status
// that each will end with.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "tests/sim/system.h"

namespace tine {
namespace {

constexpr u64 kCells = 24;
constexpr i64 kNoChild = -10;  // ECHILD

// Cells spread over the data segment, a mapping far away and the stack's end.
struct Memory {
  std::array<u64, kCells> value{};
  std::array<u64, kCells> address{};
};

// Of a whole run, for the summary.
struct Totals {
  u64 forks = 0;
  u64 stores = 0;
  u64 deaths = 0;
};

class Process {
 public:
  Process(User& user, Memory memory, u64 seed, int depth, Totals& totals)
      : user_(user),
        memory_(memory),
        random_(seed),
        depth_(depth),
        totals_(totals) {}

  i32 run() {
    const u64 steps = 4 + random_() % 24;
    for (u64 i = 0; i < steps; ++i) step();
    while (!children_.empty()) reap_any();
    EXPECT_EQ(wait4(user_, -1, 0), kNoChild);
    check_all();
    return 0;
  }

 private:
  void step() {
    const u64 cell = random_() % kCells;
    switch (random_() % 12) {
      case 0:
      case 1:
        if (depth_ < 4 && children_.size() < 5) fork_one();
        break;
      case 2:
        if (!children_.empty()) reap_any();
        break;
      case 3:
        remap();
        break;
      case 4:
        user_.spin(random_() % 64);
        break;
      case 5:
        if (!children_.empty()) reap_one(children_.begin()->first);
        break;
      case 6:
      case 7:
      case 8:
        EXPECT_EQ(user_.load(memory_.address[cell]), memory_.value[cell]);
        break;
      default:
        memory_.value[cell] = random_();
        user_.store(memory_.address[cell], memory_.value[cell]);
        ++totals_.stores;
    }
  }

  // What a child does is decided here, so that its parent knows its end.
  void fork_one() {
    const u64 seed = random_();
    const u64 end = random_() % 4;
    const i32 code = static_cast<i32>(random_() % 128);
    const Memory memory = memory_;
    const int depth = depth_ + 1;
    Totals& totals = totals_;
    const i64 pid = user_.fork([=, &totals](User& child) {
      Process process(child, memory, seed, depth, totals);
      const i32 status = process.run();
      EXPECT_EQ(status, 0);
      // A wild store; a kill of itself.
      if (end == 0) child.store8(0x10, 1);
      if (end == 1) {
        call(child, Nr::kKill, call(child, Nr::kGetpid), 9);
        ADD_FAILURE() << "survived SIGKILL";
      }
      return code;
    });
    ASSERT_GT(pid, 1);
    ++totals_.forks;
    totals_.deaths += end < 2;
    ASSERT_FALSE(children_.contains(pid));
    children_[pid] = end == 0 ? 11 : end == 1 ? 9 : code << 8;
  }

  void reap_any() { expect_reaped(wait4(user_, -1, status_address())); }
  void reap_one(i64 pid) { expect_reaped(wait4(user_, pid, status_address())); }

  void expect_reaped(i64 pid) {
    const auto child = children_.find(pid);
    ASSERT_NE(child, children_.end()) << pid;
    EXPECT_EQ(user_.load(status_address()) & 0xffff'ffff,
              static_cast<u64>(child->second));
    children_.erase(child);
  }

  // A mapping goes and comes back as zeros.
  void remap() {
    const u64 cell = kCells - 1 - random_() % 8;
    const u64 page = page_round_down(memory_.address[cell]);
    const i64 at = call(user_, Nr::kMmap, page, kPageSize, 3, 0x32, ~u64{0});
    ASSERT_EQ(at, static_cast<i64>(page));
    for (u64 i = 0; i < kCells; ++i) {
      if (page_round_down(memory_.address[i]) == page) memory_.value[i] = 0;
    }
  }

  void check_all() {
    for (u64 i = 0; i < kCells; ++i) {
      EXPECT_EQ(user_.load(memory_.address[i]), memory_.value[i]) << i;
    }
  }

  u64 status_address() const { return sim::kDataAddress + 8; }

  User& user_;
  Memory memory_;
  std::mt19937_64 random_;
  int depth_;
  Totals& totals_;
  std::map<i64, i32> children_;  // pid -> status as wait4 reports it
};

Memory make_memory(User& user) {
  Memory memory;
  constexpr u64 kMappedPages = 700;
  const i64 mapped =
      call(user, Nr::kMmap, 0, kMappedPages * kPageSize, 3, 0x22, ~u64{0});
  EXPECT_GT(mapped, 0);
  for (u64 i = 0; i < kCells; ++i) {
    if (i < 8) {
      memory.address[i] = sim::kDataAddress + (i + 1) * 2048;
    } else if (i < 16) {
      memory.address[i] = page_round_down(user.sp()) - (i - 7) * 3000 / 8 * 8;
    } else {
      memory.address[i] =
          static_cast<u64>(mapped) + (i - 16) * 99 * kPageSize + 16;
    }
  }
  return memory;
}

class ProcessFuzz
    : public testing::TestWithParam<std::tuple<int, const char*>> {};

TEST_P(ProcessFuzz, AgreesWithItsModel) {
  const auto& [seed, command_line] = GetParam();
  System system({.memory_bytes = u64{24} << 20,
                 .seed = static_cast<u64>(seed),
                 .command_line = command_line,
                 .check_every = 50});
  Totals totals;
  system.run([&](User& user) {
    const Memory memory = make_memory(user);
    System::Counts before;
    // The first round may leave something that is kept for the next.
    for (int round = 0; round < 2; ++round) {
      before = System::counts();
      const i64 pid = user.fork([&](User& child) {
        return Process(child, memory, static_cast<u64>(seed), 0, totals).run();
      });
      EXPECT_EQ(wait4(user, pid, sim::kDataAddress + 8), pid);
    }
    EXPECT_EQ(System::counts(), before);
    return 0;
  });
  EXPECT_EQ(system.status(), 0u) << system.log();
  RecordProperty("forks", static_cast<int>(totals.forks));
  RecordProperty("stores", static_cast<int>(totals.stores));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProcessFuzz,
                         testing::Combine(testing::Range(1, 17),
                                          testing::Values("",
                                                          "tine.fork=eager")));

}  // namespace
}  // namespace tine
