// Lists of physical ranges, as BootMemory has them: how the architectures' boot
// code makes them from what the loader says, which is not trusted.
#ifndef KERNEL_BOOT_RANGES_H_
#define KERNEL_BOOT_RANGES_H_

#include "kernel/boot.h"

namespace tine {

// Adds the whole pages inside [begin, end) to a list of BootMemory; no page is
// no error. False if the list is full.
[[nodiscard]] bool range_add_inside(PhysRange* list, unsigned& count, u64 begin,
                                    u64 end);

// Adds all pages that [begin, end) touches.
[[nodiscard]] bool range_add_around(PhysRange* list, unsigned& count, u64 begin,
                                    u64 end);

// Sorts the list, joins what overlaps or touches, and cuts it at `limit`.
void ranges_normalize(PhysRange* list, unsigned& count, u64 limit);

bool ranges_contain(const PhysRange* list, unsigned count, u64 begin, u64 end);

// The lowest run of usable, unreserved pages, below `limit`; 0 if there is
// none. Both lists are normalized.
u64 ranges_find_free(const BootMemory& memory, u64 bytes, u64 limit);

// The last step of filling `memory`, when all that the loader says is in it:
// both lists are normalized, and the kernel's image and the initrd, which must
// be in RAM, are reserved. Null, or what is wrong.
[[nodiscard]] const char* complete_boot_memory(BootMemory& memory,
                                               PhysRange image, u64 limit);

}  // namespace tine

#endif  // KERNEL_BOOT_RANGES_H_
