// The kernel's view of physical memory, and where its own image lies.
#ifndef ARCH_AARCH64_PHYS_MAP_H_
#define ARCH_AARCH64_PHYS_MAP_H_

#include "kernel/base/address.h"

namespace tine::hw {

// All RAM and the devices in use appear here at their physical address.
inline constexpr u64 kPhysMapBase = 0xffff'0000'0000'0000;
// A Frame's number has 32 bits.
inline constexpr u64 kPhysMapBytes = u64{1} << 44;
// Where the image is linked (kernel.lds); the loader chose its physical place.
inline constexpr u64 kImageBase = 0xffff'ffff'8000'0000;
extern u64 image_physical;

inline u8* phys_to_virt(PhysAddr address) {
  return reinterpret_cast<u8*>(kPhysMapBase + address.value);
}

// Only of addresses that phys_to_virt gave, not of the kernel's image.
inline PhysAddr virt_to_phys(const void* pointer) {
  return {reinterpret_cast<u64>(pointer) - kPhysMapBase};
}

// Only of the kernel's image.
inline PhysAddr image_to_phys(const void* pointer) {
  return {reinterpret_cast<u64>(pointer) - kImageBase + image_physical};
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_PHYS_MAP_H_
