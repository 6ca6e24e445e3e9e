// Loading a static ELF file into a new space: the root server at boot.
#ifndef KERNEL_LOAD_ELF_H_
#define KERNEL_LOAD_ELF_H_

#include "kernel/abi/status.h"
#include "kernel/base/address.h"
#include "kernel/memory/space.h"

namespace tine {

// Fresh, wired zero pages; what space_populate does in quanta, all at once.
Status populate(Space& space, VirtAddr va, u64 bytes, u8 rights);

// Writes into pages that are mapped, whatever their rights.
Status write_space(Space& space, VirtAddr va, const u8* from, u64 bytes);

// Maps all segments with their rights; `entry` is where it begins. kInvalid:
// not a static executable of this form, or segments that share a page.
Status load_elf(Space& space, const u8* file, u64 bytes, u64& entry);

}  // namespace tine

#endif  // KERNEL_LOAD_ELF_H_
