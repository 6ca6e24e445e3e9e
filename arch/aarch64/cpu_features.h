// What this CPU can do, and what of it programs may use.
#ifndef ARCH_AARCH64_CPU_FEATURES_H_
#define ARCH_AARCH64_CPU_FEATURES_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Sets the EL1 controls that do not belong to the MMU.
void cpu_features_init();

// Bits of AT_HWCAP and AT_HWCAP2 for what programs find working.
struct HardwareCapabilities {
  u64 hwcap = 0;
  u64 hwcap2 = 0;
};
HardwareCapabilities hardware_capabilities();

}  // namespace tine::hw

#endif  // ARCH_AARCH64_CPU_FEATURES_H_
