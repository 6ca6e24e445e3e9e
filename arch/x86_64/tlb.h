// TLB invalidation on this CPU (SDM 3A 4.10.4). Both instructions are
// serializing and drop paging-structure caches as well.
#ifndef ARCH_X86_64_TLB_H_
#define ARCH_X86_64_TLB_H_

#include "kernel/base/address.h"

namespace tine::hw {

// Without PCIDs only the loaded space has entries: where `asid` is of another
// one the call does no harm.
inline void invalidate_page(u16 /*asid*/, VirtAddr va) {
  asm volatile("invlpg (%0)" : : "r"(va.value) : "memory");
}

inline void invalidate_all() {
  u64 root;
  asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=&r"(root) : : "memory");
}

inline void invalidate_space(u16 /*asid*/) { invalidate_all(); }

}  // namespace tine::hw

#endif  // ARCH_X86_64_TLB_H_
