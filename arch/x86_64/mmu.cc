#include "arch/hw/mmu.h"

#include "arch/hw/phys_map.h"

namespace tine::hw {

alignas(kPageSize) u64 kernel_root[512];

namespace {
constexpr unsigned kPhysMapSlot = PHYS_MAP_BASE >> 39 & 511;
constexpr unsigned kImageSlot = KERNEL_BASE >> 39 & 511;
}  // namespace

void init_root(Frame root) {
  u64* entries = reinterpret_cast<u64*>(phys_to_virt(root.address()));
  entries[kPhysMapSlot] = kernel_root[kPhysMapSlot];
  entries[kImageSlot] = kernel_root[kImageSlot];
}

void load_no_space() {
  load_space(translation_base(image_to_phys(kernel_root), 0));
}

}  // namespace tine::hw
