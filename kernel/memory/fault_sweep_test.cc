// Fails each frame_take of a script once: what failed must have changed
// nothing that can be seen, and must succeed when it is tried again.
#include <gtest/gtest.h>

#include <functional>

#include "arch/hw/copy_page.h"
#include "kernel/base/fault_site.h"
#include "kernel/memory/test_machine.h"

namespace tine {
namespace {

constexpr VirtAddr kHeap{0x1000'0000};
constexpr VirtAddr kStack{0x7ff0'0000'0000};
constexpr VirtAddr kFile{0x2'0000'0000};

// Runs the script, failing site `k`; `failures` counts what had to be repeated.
class Script {
 public:
  Script() : machine_(4000) {}

  void run(u64 k) {
    fault_injection.arm(k);
    Space* parent = nullptr;
    retry([&] { return keep(parent, machine_.create(SpaceKind::kLoadable)); });
    Space* object = nullptr;
    retry([&] { return keep(object, machine_.create(SpaceKind::kObject)); });
    range(2, [&](u64 i, u64 n) {
      return space_populate(*object, at({0}, i), n, kRead | kWrite);
    });
    range(65536, [&](u64 i, u64 n) {
      return space_mark(*parent, at(kHeap, i), n, kRead | kWrite);
    });
    range(3, [&](u64 i, u64 n) {
      return space_populate(*parent, at(kStack, i), n, kRead | kWrite);
    });
    range(1, [&](u64 i, u64 n) {
      return space_map(*parent, at(kFile, i), *object, at({0}, i), n,
                       kRead | kWrite, MapMode::kShared);
    });
    range(1, [&](u64 i, u64 n) {
      return space_map(*parent, at(kFile + kPageSize, i), *object,
                       at({kPageSize}, i), n, kRead | kWrite,
                       MapMode::kPrivate);
    });
    for (const VirtAddr va :
         {kHeap, kStack, kFile, kFile + kPageSize, kHeap + 0x80'0000}) {
      store(*parent, va, 1);
    }
    Space* child = nullptr;
    retry([&] {
      return keep(child, machine_.fork(*parent, ForkMode::kShareTables));
    });
    for (const VirtAddr va : {kHeap, kFile, kFile + kPageSize}) {
      store(*child, va, 2);
    }
    Space* eager = nullptr;
    retry([&] { return keep(eager, machine_.fork(*child, ForkMode::kEager)); });
    // In the middle of a mark, of a shared table and of a private one.
    range(5, [&](u64 i, u64 n) {
      return space_protect(*child, at(kHeap + 0x40'3000, i), n, kRead);
    });
    range(3, [&](u64 i, u64 n) {
      return space_unmap(*parent, at(kHeap + 0x80'1000, i), n);
    });
    store(*eager, kStack, 3);
    copy(*parent, kStack, *eager, kStack);

    expect(*parent, kHeap, 1);
    expect(*child, kHeap, 2);
    expect(*eager, kHeap, 2);
    expect(*parent, kFile, 2);  // shared by all
    expect(*parent, kFile + kPageSize, 1);
    expect(*child, kFile + kPageSize, 2);
    expect(*child, kStack, 1);
    expect(*parent, kStack, 3);
    ASSERT_EQ(machine_.check_no_leak(), "") << "k = " << k;
  }

  u64 failures() const { return failures_; }

 private:
  static VirtAddr at(VirtAddr va, u64 page) { return va + page * kPageSize; }
  static Status keep(Space*& to, Space* space) {
    to = space;
    return space == nullptr ? Status::kNoMemory : Status::kOk;
  }

  void retry(const std::function<Status()>& operation) {
    Status status = operation();
    if (status == Status::kNoMemory) {
      ++failures_;
      ASSERT_EQ(machine_.check(), "");
      status = operation();
    }
    ASSERT_EQ(status, Status::kOk);
    ASSERT_EQ(machine_.check(), "");
  }
  void range(u64 pages, const std::function<Progress(u64, u64)>& operation) {
    u64 done = 0;
    retry([&] {
      const Progress progress = run_to_end(
          pages - done,
          [&](u64 step, u64 left) { return operation(done + step, left); });
      done += progress.pages;
      return progress.status;
    });
  }
  void store(Space& space, VirtAddr va, u8 value) {
    retry([&] { return machine_.user_store(space, va, value); });
  }
  void copy(Space& to, VirtAddr to_va, Space& from, VirtAddr from_va) {
    retry([&] {
      CopyFault fault;
      const u64 done = copy_between(to, to_va, from, from_va, 100, fault);
      EXPECT_EQ(done, fault.status == Status::kOk ? 100u : 0u);
      return fault.status;
    });
  }
  void expect(Space& space, VirtAddr va, u8 value) {
    u8 found = 0;
    ASSERT_EQ(machine_.user_load(space, va, found), Status::kOk);
    ASSERT_EQ(found, value) << std::hex << va.value;
  }

  TestMachine machine_;
  u64 failures_ = 0;
};

TEST(FaultSweep, EachFrameOnce) {
  u64 k = 1;
  for (;; ++k) {
    Script script;
    script.run(k);
    if (HasFatalFailure()) return;
    if (script.failures() == 0) break;
  }
  // Every frame the script takes was refused once.
  EXPECT_GT(k, 40u);
}

}  // namespace
}  // namespace tine
