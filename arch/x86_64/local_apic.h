// Registers of the local APIC (SDM 3A table 11-1).
#ifndef ARCH_X86_64_LOCAL_APIC_H_
#define ARCH_X86_64_LOCAL_APIC_H_

#include "arch/hw/phys_map.h"
#include "arch/x86_64/machine.h"

namespace tine::hw {

enum class LocalApic : u32 {
  kId = 0x20,
  kTaskPriority = 0x80,
  kEndOfInterrupt = 0xb0,
  kSpurious = 0xf0,
  kLvtTimer = 0x320,
  kLvtLint0 = 0x350,
  kLvtLint1 = 0x360,
  kLvtError = 0x370,
  kTimerInitial = 0x380,
  kTimerCurrent = 0x390,
  kTimerDivide = 0x3e0,
};

inline constexpr u32 kLvtMasked = 1 << 16;

inline u32 local_apic_read(LocalApic reg) {
  return *reinterpret_cast<volatile u32*>(
      phys_to_virt(machine.local_apic + static_cast<u32>(reg)));
}

inline void local_apic_write(LocalApic reg, u32 value) {
  *reinterpret_cast<volatile u32*>(
      phys_to_virt(machine.local_apic + static_cast<u32>(reg))) = value;
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_LOCAL_APIC_H_
