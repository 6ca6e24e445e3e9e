// What the architecture's boot code found, in the form kernel_main takes.
#ifndef KERNEL_BOOT_H_
#define KERNEL_BOOT_H_

#include "kernel/base/address.h"

namespace tine {

struct PhysRange {
  PhysAddr begin;  // page aligned
  PhysAddr end;    // page aligned, exclusive
};

struct BootMemory {
  static constexpr unsigned kMaxRanges = 32;
  PhysRange usable[kMaxRanges];    // RAM, ascending, disjoint; includes the
  unsigned usable_count = 0;       // reserved ranges below
  PhysRange reserved[kMaxRanges];  // kernel image, boot tables, firmware
  unsigned reserved_count = 0;
  PhysAddr initrd_begin;  // any alignment; in RAM; equal: none
  PhysAddr initrd_end;
  const char* command_line = "";  // kernel address, NUL-terminated
  unsigned cpu_count = 1;
  u64 hwcap = 0;
  u64 hwcap2 = 0;
};

// The boot image (cpio of servers) linked into the kernel.
extern "C" const char boot_image_start[];
extern "C" const char boot_image_end[];
inline u64 boot_image_bytes() {
  return reinterpret_cast<u64>(boot_image_end) -
         reinterpret_cast<u64>(boot_image_start);
}

// Never returns: starts root and resumes it.
[[noreturn]] void kernel_main(const BootMemory& memory);

}  // namespace tine

#endif  // KERNEL_BOOT_H_
