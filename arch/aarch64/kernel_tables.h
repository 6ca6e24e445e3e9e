// The kernel's own page tables, built once at boot.
#ifndef ARCH_AARCH64_KERNEL_TABLES_H_
#define ARCH_AARCH64_KERNEL_TABLES_H_

#include "kernel/boot.h"

namespace tine::hw {

// Image (no page both writable and executable, stacks guarded), all usable RAM
// and the machine's devices, under a new root: its physical address. Null
// address if the tables set aside do not suffice.
PhysAddr build_kernel_tables(const BootMemory& memory);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_KERNEL_TABLES_H_
