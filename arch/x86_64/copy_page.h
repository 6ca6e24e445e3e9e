// Page copies by string instructions of eight bytes: right on real CPUs, and
// counted by the word where an emulator bills every iteration.
#ifndef ARCH_X86_64_COPY_PAGE_H_
#define ARCH_X86_64_COPY_PAGE_H_

#include "kernel/base/address.h"

namespace tine::hw {

inline void copy_page(u8* to, const u8* from) {
  u64 words = kPageSize / 8;
  asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

inline void zero_page(u8* page) {
  u64 words = kPageSize / 8;
  asm volatile("rep stosq" : "+D"(page), "+c"(words) : "a"(u64{0}) : "memory");
}

// Ranges that overlap are fine only if `to` is below `from`.
inline void copy_bytes(u8* to, const u8* from, u64 bytes) {
  u64 count = bytes / 8;
  asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
  count = bytes % 8;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_COPY_PAGE_H_
