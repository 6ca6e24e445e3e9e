// The two interrupt controllers behind interrupts.h.
#ifndef ARCH_AARCH64_GIC_H_
#define ARCH_AARCH64_GIC_H_

#include "arch/hw/machine.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {

// Interrupt numbers: 0..15 between CPUs, 16..31 private, from 32 on shared,
// from 1020 on none.
inline constexpr u32 kFirstShared = 32;
inline constexpr u32 kFirstSpecial = 1020;

// Registers that v2's distributor, v3's distributor and v3's redistributor have
// alike: one bit or byte an interrupt.
inline constexpr u64 kGicControl = 0x000;
inline constexpr u64 kGicType = 0x004;
inline constexpr u64 kGicGroup = 0x080;
inline constexpr u64 kGicEnable = 0x100;
inline constexpr u64 kGicDisable = 0x180;
inline constexpr u64 kGicPriority = 0x400;

// In the middle of what a CPU interface accepts below kGicAcceptAll.
inline constexpr u32 kGicPriorities = 0xa0a0'a0a0;
inline constexpr u32 kGicAcceptAll = 0xf0;

inline volatile u32& gic_register(u64 physical) {
  return *reinterpret_cast<volatile u32*>(phys_to_virt(PhysAddr{physical}));
}

// `bank`: physical address of the registers above that have `line`.
void gic_write_bit(u64 bank, u64 kind, u32 line);

// Interrupts that the distributor has, a multiple of 32.
u32 gic_lines();

// Takes the pending interrupt; kFirstSpecial or more: none.
struct GicDriver {
  void (*init)();
  u64 (*bank)(u32 line);
  u32 (*acknowledge)();
  void (*end)(u32 line);
};
extern const GicDriver kGicV2;
extern const GicDriver kGicV3;

}  // namespace tine::hw

#endif  // ARCH_AARCH64_GIC_H_
