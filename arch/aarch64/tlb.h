// Invalidation of cached translations on all CPUs (Arm ARM D8.14).
//
// The operations without "last level" in their name also drop cached table
// entries, which the write protection of tables needs. Stores to tables before
// the call are seen by all walks after it.
#ifndef ARCH_AARCH64_TLB_H_
#define ARCH_AARCH64_TLB_H_

#include "kernel/base/address.h"

namespace tine::hw {

inline void invalidate_page(u16 asid, VirtAddr address) {
  constexpr u64 kPageNumber = (u64{1} << 44) - 1;
  const u64 operand =
      u64{asid} << 48 | (address.value >> kPageShift & kPageNumber);
  asm volatile(
      "dsb ishst\n\t"
      "tlbi vae1is, %0\n\t"
      "dsb ish\n\t"
      "isb" ::"r"(operand)
      : "memory");
}

inline void invalidate_space(u16 asid) {
  asm volatile(
      "dsb ishst\n\t"
      "tlbi aside1is, %0\n\t"
      "dsb ish\n\t"
      "isb" ::"r"(u64{asid} << 48)
      : "memory");
}

inline void invalidate_all() {
  asm volatile(
      "dsb ishst\n\t"
      "tlbi vmalle1is\n\t"
      "dsb ish\n\t"
      "isb" ::
          : "memory");
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_TLB_H_
