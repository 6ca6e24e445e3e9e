// All physical memory, mapped in one slot of the root table.
#ifndef ARCH_X86_64_PHYS_MAP_H_
#define ARCH_X86_64_PHYS_MAP_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/base/address.h"

namespace tine::hw {

// RAM above this is left unused: one root slot is 512 GiB.
inline constexpr u64 kPhysMapBytes = u64{512} << 30;

inline u8* phys_to_virt(PhysAddr address) {
  return reinterpret_cast<u8*>(PHYS_MAP_BASE + address.value);
}

// Only of addresses that phys_to_virt gave, not of the kernel image.
inline PhysAddr virt_to_phys(const void* address) {
  return {reinterpret_cast<u64>(address) - PHYS_MAP_BASE};
}

// Only of the kernel image.
inline PhysAddr image_to_phys(const void* address) {
  return {reinterpret_cast<u64>(address) - KERNEL_BASE};
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_PHYS_MAP_H_
