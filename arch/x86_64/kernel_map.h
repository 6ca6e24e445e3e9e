// The kernel's half of every address space, built once at boot.
//
//   PHYS_MAP_BASE  all RAM in 2 MiB pages, no execute; APICs and HPET uncached
//   KERNEL_BASE    the kernel image in 4 KiB pages, text, read-only and data
//                  apart, a hole below the kernel stack
#ifndef ARCH_X86_64_KERNEL_MAP_H_
#define ARCH_X86_64_KERNEL_MAP_H_

#include "arch/x86_64/machine.h"
#include "kernel/boot.h"

namespace tine::hw {

// Frames of tables this needs at most.
u64 kernel_map_frames(const BootMemory& memory);

// Builds the tables in the frames from `tables` on, and loads them. Returns the
// end of what was used.
PhysAddr kernel_map_build(const BootMemory& memory, const Machine& machine,
                          PhysAddr tables);

// The kernel image in physical memory.
PhysRange kernel_image_range();

}  // namespace tine::hw

#endif  // ARCH_X86_64_KERNEL_MAP_H_
