// Loading address spaces and editing their tables.
#ifndef ARCH_AARCH64_MMU_H_
#define ARCH_AARCH64_MMU_H_

#include "kernel/abi/message.h"
#include "kernel/base/address.h"

namespace tine::hw {

// ASID 0 stands for no space. CPUs may have only 8 bits: max_asid() tells, and
// is never above kMaxAsid.
inline constexpr u16 kMaxAsid = 0xffff;
u16 max_asid();

// A user's root holds nothing of the kernel's: that is under TTBR1_EL1.
inline void init_root(Frame) {}

// What the CPU's register is loaded with to walk these tables.
constexpr u64 translation_base(PhysAddr root, u16 asid) {
  return root.value | u64{asid} << 48;
}

// No barrier: the kernel touches no user address, and the exception return
// synchronizes before the user does (SCTLR_EL1.EOS is 1).
inline void load_space(u64 translation_base) {
  asm volatile("msr ttbr0_el1, %0" ::"r"(translation_base) : "memory");
}

// The lower half becomes empty, so that the tables loaded until now can go.
void load_no_space();

// The space with this ASID is gone. Nothing to do: the number is not used again
// before all translations are dropped.
inline void retire_asid(u16) {}

// Where memory that the tables do not show is; the simulator has such.
inline u8* wired_window(PhysAddr, VirtAddr, Access) { return nullptr; }

// Makes what was written to [kernel_va, + bytes) visible to instruction
// fetches through any mapping.
void sync_icache(u8* kernel_va, u64 bytes);

// One 64-bit store, after all earlier ones; then visible to the table walker.
// An entry that replaces a present one needs an invalidation besides (tlb.h).
inline void store_entry(u64* slot, u64 entry) {
  __atomic_store_n(slot, entry, __ATOMIC_RELEASE);
  asm volatile("dsb ishst" ::: "memory");
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_MMU_H_
