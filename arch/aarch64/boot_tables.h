// Tables of boot.S, and where its windows lie before the final ones are loaded.
//
// A C++ and assembly header, for constants must agree.
#ifndef ARCH_AARCH64_BOOT_TABLES_H_
#define ARCH_AARCH64_BOOT_TABLES_H_

// Entries of the table of 2 MiB blocks that maps the image from entry 0 on.
#define BOOT_BLOCK_TREE 508 /* two blocks: the device tree */
#define BOOT_BLOCK_UART 510

// Where messages go until the device tree has named the UART: QEMU's machine
// "virt" has it there. Nothing is written but the reason for not starting.
#define BOOT_UART_PHYSICAL 0x09000000

#ifndef __ASSEMBLER__

#include "kernel/base/types.h"

namespace tine::hw {

inline constexpr tine::u64 kEarlyWindows = 0xffff'ffff'8000'0000;
inline constexpr tine::u64 kBlockBytes = tine::u64{1} << 21;
inline constexpr tine::u64 kEarlyTree =
    kEarlyWindows + BOOT_BLOCK_TREE * kBlockBytes;
inline constexpr tine::u64 kEarlyUart = kEarlyWindows +
                                        BOOT_BLOCK_UART * kBlockBytes +
                                        BOOT_UART_PHYSICAL % kBlockBytes;

}  // namespace tine::hw

extern "C" {
// The table of 2 MiB blocks, and an all-zero root table (below).
extern tine::u64 early_blocks[512];
extern const tine::u64 empty_root[512];
}

#endif  // __ASSEMBLER__

#endif  // ARCH_AARCH64_BOOT_TABLES_H_
