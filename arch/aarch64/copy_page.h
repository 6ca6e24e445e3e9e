// Fast copies and clears through kernel addresses.
#ifndef ARCH_AARCH64_COPY_PAGE_H_
#define ARCH_AARCH64_COPY_PAGE_H_

#include "kernel/base/types.h"

extern "C" void aarch64_copy_page(tine::u8* to, const tine::u8* from);
extern "C" void aarch64_zero_page(tine::u8* page);
extern "C" void aarch64_copy_bytes(tine::u8* to, const tine::u8* from,
                                   tine::u64 bytes);

namespace tine::hw {

// Both page aligned. The user's FP registers come out unchanged.
inline void copy_page(u8* to, const u8* from) { aarch64_copy_page(to, from); }

inline void zero_page(u8* page) { aarch64_zero_page(page); }

// Any alignment. The ranges may overlap if `to` is the lower one.
inline void copy_bytes(u8* to, const u8* from, u64 bytes) {
  aarch64_copy_bytes(to, from, bytes);
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_COPY_PAGE_H_
