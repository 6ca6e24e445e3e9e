// What the kernel gives the root server when it starts it.
#ifndef KERNEL_ABI_BOOT_INFO_H_
#define KERNEL_ABI_BOOT_INFO_H_

#include "kernel/abi/batch.h"

namespace tine {

// Handles in root's table at its first instruction.
inline constexpr Handle kRootPool = 1;       // all memory
inline constexpr Handle kRootSpace = 2;      // root's own space
inline constexpr Handle kRootThread = 3;     // root's own thread
inline constexpr Handle kRootBootImage = 4;  // object: cpio of server ELFs
inline constexpr Handle kRootInitrd = 5;  // object: root file system, or none
inline constexpr Handle kRootUart = 6;    // device
inline constexpr Handle kRootUartInterrupt = 7;
inline constexpr Handle kRootControl = 8;  // kShutdown
inline constexpr Handle kRootFirstFree = 16;

// A read-only page mapped at kBootInfoAddress in root's space; root maps it
// into every server it starts.
struct BootInfo {
  u64 boot_image_bytes;
  u64 initrd_bytes;  // 0: none was given
  u64 memory_bytes;  // usable RAM
  u64 cpu_count;
  u64 hwcap;  // AT_HWCAP for programs
  u64 hwcap2;
  // Real time, since 1970, when monotonic time was 0; 0: not known.
  u64 boot_realtime_ns;
  u64 clock_start;  // hw::clock_parameters()
  u64 clock_factor;
  char command_line[2048];  // NUL-terminated, cut if longer
};
inline constexpr u64 kBootInfoAddress = 0x7000'2000;

}  // namespace tine

#endif  // KERNEL_ABI_BOOT_INFO_H_
