// Loading of page tables, and stores to them.
#ifndef ARCH_X86_64_MMU_H_
#define ARCH_X86_64_MMU_H_

#include "kernel/abi/message.h"
#include "kernel/base/address.h"

namespace tine::hw {

// What PCIDs will allow. They are not in use: each load of CR3 drops all
// entries that are not global, and the number is of no consequence.
inline constexpr u16 kMaxAsid = 4095;

// The root table of the kernel's half; has no user half.
extern "C" u64 kernel_root[512];

// Puts the kernel's half into a zeroed root table: two entries, see
// kernel_map.h.
void init_root(Frame root);

// What the CPU's register is loaded with to walk these tables.
constexpr u64 translation_base(PhysAddr root, u16 /*asid*/) {
  return root.value;
}

inline void load_space(u64 translation_base) {
  asm volatile("mov %0, %%cr3" : : "r"(translation_base) : "memory");
}

void load_no_space();

// The space with this ASID is gone. Nothing to do: the number is not used again
// before all translations are dropped.
inline void retire_asid(u16) {}

// Where memory that the tables do not show is; the simulator has such.
inline u8* wired_window(PhysAddr, VirtAddr, Access) { return nullptr; }

// Instruction fetch is coherent with stores (SDM 3A 12.6).
inline void sync_icache(u8* /*address*/, u64 /*bytes*/) {}

// Table walks read entries as plain loads: a store that does not tear, after
// the stores it publishes, is all that is needed.
inline void store_entry(u64* slot, u64 entry) {
  __atomic_store_n(slot, entry, __ATOMIC_RELEASE);
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_MMU_H_
