// Page copies of the simulated machine.
#ifndef ARCH_SIM_HW_COPY_PAGE_H_
#define ARCH_SIM_HW_COPY_PAGE_H_

#include <cstring>

#include "kernel/base/address.h"

namespace tine::hw {

inline void copy_page(u8* to, const u8* from) {
  std::memcpy(to, from, kPageSize);
}
inline void zero_page(u8* page) { std::memset(page, 0, kPageSize); }
inline void copy_bytes(u8* to, const u8* from, u64 bytes) {
  std::memmove(to, from, bytes);
}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_COPY_PAGE_H_
