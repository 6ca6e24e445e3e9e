// Address space identifiers and what TLBs may still know of a space.
#include "arch/hw/mmu.h"
#include "arch/hw/tlb.h"
#include "kernel/memory/path.h"
#include "kernel/memory/space.h"

namespace tine {
namespace {

// ASID 0 stands for no space. A number is never reused within a generation, so
// that a destroyed space needs no invalidation.
u32 next_asid = 1;

bool known_to_tlb(const Space& space) {
  return space.asid_generation == asid_generation;
}

// Above that many pages one invalidation of the whole space is cheaper.
constexpr u64 kPagewise = 16;

}  // namespace

void asid_assign(Space& space) {
  if (next_asid > asid_limit) {
    // No space may be walked from here until all old translations are gone.
    hw::load_no_space();
    hw::invalidate_all();
    ++asid_generation;
    next_asid = 1;
  }
  space.asid = static_cast<u16>(next_asid++);
  space.asid_generation = asid_generation;
  space.translation_base =
      hw::translation_base(space.root.address(), space.asid);
}

void invalidate_page(const Space& space, VirtAddr va) {
  if (known_to_tlb(space)) {
    hw::invalidate_page(space.asid, va);
  }
}

void invalidate_range(const Space& space, VirtAddr va, u64 pages) {
  if (pages > kPagewise) {
    invalidate_space(space);
    return;
  }
  for (u64 i = 0; i < pages; ++i) {
    invalidate_page(space, va + i * kPageSize);
  }
}

void invalidate_space(const Space& space) {
  if (known_to_tlb(space)) {
    hw::invalidate_space(space.asid);
  }
}

}  // namespace tine
