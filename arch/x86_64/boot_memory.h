// From the loader's PVH information to the kernel's ranges.
#ifndef ARCH_X86_64_BOOT_MEMORY_H_
#define ARCH_X86_64_BOOT_MEMORY_H_

#include "arch/x86_64/pvh.h"

namespace tine::hw {

// Whole pages, ascending, disjoint, below `limit`; `image`, the initrd and low
// memory are reserved besides what the firmware reserves. Null, or what is
// wrong.
const char* fill_boot_memory(const MemoryView& view, u64 start_info,
                             PhysRange image, u64 limit, BootMemory& memory,
                             PvhInfo& info);

}  // namespace tine::hw

#endif  // ARCH_X86_64_BOOT_MEMORY_H_
