// From the device tree's ranges to the kernel's.
#ifndef ARCH_AARCH64_BOOT_MEMORY_H_
#define ARCH_AARCH64_BOOT_MEMORY_H_

#include "arch/aarch64/machine.h"
#include "kernel/boot.h"

namespace tine::hw {

// Whole pages, ascending, disjoint, below `limit`; `image` and the initrd are
// reserved besides what the machine reserves. Null, or what is wrong.
const char* fill_boot_memory(const Machine& machine, PhysRange image, u64 limit,
                             BootMemory& memory);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_BOOT_MEMORY_H_
