// Physical memory as boot parsers see it: bytes 0 .. size - 1, nothing beyond.
#ifndef ARCH_X86_64_MEMORY_VIEW_H_
#define ARCH_X86_64_MEMORY_VIEW_H_

#include "kernel/base/types.h"

namespace tine::hw {

// What firmware says about addresses is not trusted: every read goes through
// here, and one that does not fit gives nothing.
struct MemoryView {
  const u8* base;
  u64 size;

  bool contains(u64 address, u64 bytes) const {
    return bytes <= size && address <= size - bytes;
  }

  // `value` stays as it is on false.
  template <typename T>
  [[nodiscard]] bool read(u64 address, T& value) const {
    if (!contains(address, sizeof(T))) return false;
    __builtin_memcpy(&value, base + address, sizeof(T));
    return true;
  }

  // The bytes add up to 0 modulo 256, as all ACPI tables do.
  bool checksum_holds(u64 address, u64 bytes) const {
    if (!contains(address, bytes)) return false;
    u8 sum = 0;
    for (u64 i = 0; i < bytes; ++i) {
      sum = static_cast<u8>(sum + base[address + i]);
    }
    return sum == 0;
  }
};

}  // namespace tine::hw

#endif  // ARCH_X86_64_MEMORY_VIEW_H_
