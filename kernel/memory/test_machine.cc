#include "kernel/memory/test_machine.h"

#include <algorithm>

#include "arch/hw/mmu.h"
#include "kernel/base/fault_site.h"
#include "kernel/memory/invariants.h"
#include "kernel/memory/teardown.h"

namespace tine {

TestMachine::TestMachine(u64 frames, u64 reserved)
    : memory_(kTestRamBase, frames * kPageSize),
      reserved_{kTestRamBase + (frames - reserved) * kPageSize,
                kTestRamBase + frames * kPageSize} {
  BootMemory memory;
  memory.usable[0] = {kTestRamBase, reserved_.end};
  memory.usable_count = 1;
  memory.reserved[0] = reserved_;
  memory.reserved_count = 1;
  frame_table_init(memory);
  teardown_reset();
  pool_ = &pool_init();
  // ASIDs of earlier machines mean nothing to the new TLB.
  ++asid_generation;
}

TestMachine::~TestMachine() { fault_injection.arm(0); }

Space* TestMachine::adopt(std::unique_ptr<Space> space, Status status) {
  if (status != Status::kOk) return nullptr;
  pointers_.push_back(space.get());
  owned_.push_back(std::move(space));
  return pointers_.back();
}

Space* TestMachine::create(SpaceKind kind) {
  auto space = std::make_unique<Space>();
  const Status status = space_create(*space, *pool_, kind, 7);
  return adopt(std::move(space), status);
}

Space* TestMachine::fork(Space& source, ForkMode mode) {
  auto space = std::make_unique<Space>();
  const Status status = space_fork(source, *space, *pool_, 8, mode);
  return adopt(std::move(space), status);
}

void TestMachine::destroy(Space* space) {
  if (hw::loaded.root == space->root.address()) {
    hw::load_no_space();
  }
  space_destroy(*space);
  std::erase(pointers_, space);
  std::erase_if(owned_,
                [&](const auto& owned) { return owned.get() == space; });
}

Status TestMachine::user_access(Space& space, VirtAddr va, Access access,
                                u8*& byte) {
  space_load(space);
  for (int attempt = 0; attempt < 3; ++attempt) {
    const sim::Translation found =
        sim::tlb.translate(space.asid, space.root.address(), va.page());
    if (found.present && (access != Access::kWrite || found.writable)) {
      byte = hw::phys_to_virt(found.frame) + va.page_offset();
      return Status::kOk;
    }
    const Status status = space_resolve(space, va, access);
    if (status != Status::kOk) return status;
  }
  return Status::kInvalid;  // resolved, and yet it faults
}

Status TestMachine::user_store(Space& space, VirtAddr va, u8 value) {
  u8* byte = nullptr;
  const Status status = user_access(space, va, Access::kWrite, byte);
  if (status == Status::kOk) *byte = value;
  return status;
}

Status TestMachine::user_load(Space& space, VirtAddr va, u8& value) {
  u8* byte = nullptr;
  const Status status = user_access(space, va, Access::kRead, byte);
  if (status == Status::kOk) value = *byte;
  return status;
}

std::string TestMachine::check() const {
  if (!sim::tlb.violation().empty()) return sim::tlb.violation();
  return check_invariants(pointers_);
}

std::string TestMachine::check_no_leak() {
  while (!pointers_.empty()) destroy(pointers_.back());
  while (teardown_run(1)) {
  }
  if (pool_->used != 0) return "leaked " + std::to_string(pool_->used);
  return check();
}

}  // namespace tine
