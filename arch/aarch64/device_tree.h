// From a device tree to a Machine.
#ifndef ARCH_AARCH64_DEVICE_TREE_H_
#define ARCH_AARCH64_DEVICE_TREE_H_

#include "arch/aarch64/fdt.h"
#include "arch/aarch64/machine.h"

namespace tine::hw {

// Null, or the reason why this kernel cannot run on what is described. Reads at
// most `bytes` of the untrusted blob.
const char* read_device_tree(const u8* blob, u32 bytes, Machine& machine);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_DEVICE_TREE_H_
