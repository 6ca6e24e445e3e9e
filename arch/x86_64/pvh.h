// The PVH start information that the loader leaves in memory.
#ifndef ARCH_X86_64_PVH_H_
#define ARCH_X86_64_PVH_H_

#include "arch/x86_64/memory_view.h"
#include "kernel/boot.h"

namespace tine::hw {

struct PvhInfo {
  u64 rsdp = 0;          // 0: none
  u64 command_line = 0;  // physical, not checked; 0: none
};

// Reads the memory map and the initrd into `boot`: usable and firmware-reserved
// ranges as they come, for ranges_normalize(). Returns null, or what is wrong.
const char* pvh_parse(const MemoryView& memory, u64 start_info,
                      BootMemory& boot, PvhInfo& info);

// Copies the text, up to its NUL, the size or the end of memory.
void pvh_copy_text(const MemoryView& memory, u64 address, char* to, u64 size);

}  // namespace tine::hw

#endif  // ARCH_X86_64_PVH_H_
