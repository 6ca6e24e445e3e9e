// A simulated machine with the memory part of the kernel started, for tests.
#ifndef KERNEL_MEMORY_TEST_MACHINE_H_
#define KERNEL_MEMORY_TEST_MACHINE_H_

#include <memory>
#include <string>
#include <vector>

#include "arch/sim/machine_memory.h"
#include "kernel/memory/space.h"

namespace tine {

inline constexpr PhysAddr kTestRamBase{0x4000'0000};

class TestMachine {
 public:
  // The last `reserved` of the frames are what boot reserved.
  explicit TestMachine(u64 frames, u64 reserved = 0);
  ~TestMachine();

  Pool& pool() { return *pool_; }
  PhysRange reserved() const { return reserved_; }

  // Null: kNoMemory. Destroyed ones leave the list.
  Space* create(SpaceKind kind);
  Space* fork(Space& source, ForkMode mode);
  void destroy(Space* space);

  const std::vector<Space*>& spaces() const { return pointers_; }

  // What a user thread's store or load of a byte does: TLB, fault, retry.
  Status user_store(Space& space, VirtAddr va, u8 value);
  Status user_load(Space& space, VirtAddr va, u8& value);

  // Invariants I1 to I3, and the TLB's complaints.
  std::string check() const;
  // Destroys all spaces, drains teardown; then every frame must be free.
  std::string check_no_leak();

 private:
  Space* adopt(std::unique_ptr<Space> space, Status status);
  Status user_access(Space& space, VirtAddr va, Access access, u8*& byte);

  sim::MachineMemory memory_;
  PhysRange reserved_;
  Pool* pool_;
  std::vector<std::unique_ptr<Space>> owned_;
  std::vector<Space*> pointers_;
};

// Repeats a progressive operation until it is done or fails; adds up the pages.
template <typename Operation>
Progress run_to_end(u64 pages, Operation operation) {
  u64 done = 0;
  while (true) {
    const Progress progress = operation(done, pages - done);
    done += progress.pages;
    if (progress.status != Status::kMore) {
      return {progress.status, done};
    }
  }
}

}  // namespace tine

#endif  // KERNEL_MEMORY_TEST_MACHINE_H_
