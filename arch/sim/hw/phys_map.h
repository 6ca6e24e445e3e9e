// The simulated machine's physical memory: a byte vector of the host.
#ifndef ARCH_SIM_HW_PHYS_MAP_H_
#define ARCH_SIM_HW_PHYS_MAP_H_

#include "kernel/base/address.h"

namespace tine::hw {

// Set by sim::MachineMemory while it lives.
struct PhysMap {
  u8* host = nullptr;
  PhysAddr base;
  u64 bytes = 0;
};
inline PhysMap phys_map;

inline u8* phys_to_virt(PhysAddr address) {
  const u64 offset = address.value - phys_map.base.value;
  // A frame number that went astray must not become a host pointer.
  if (offset >= phys_map.bytes) __builtin_trap();
  return phys_map.host + offset;
}

inline PhysAddr virt_to_phys(const void* address) {
  const auto offset =
      static_cast<u64>(static_cast<const u8*>(address) - phys_map.host);
  if (offset >= phys_map.bytes) __builtin_trap();
  return phys_map.base + offset;
}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_PHYS_MAP_H_
