// Strong types for the address kinds that must never be mixed.
#ifndef KERNEL_BASE_ADDRESS_H_
#define KERNEL_BASE_ADDRESS_H_

#include <compare>

#include "kernel/base/types.h"

namespace tine {

inline constexpr u64 kPageShift = 12;
inline constexpr u64 kPageSize = u64{1} << kPageShift;
inline constexpr u64 kPageMask = kPageSize - 1;

// A byte address in physical memory.
struct PhysAddr {
  u64 value = 0;
  constexpr auto operator<=>(const PhysAddr&) const = default;
  constexpr PhysAddr operator+(u64 bytes) const { return {value + bytes}; }
};

// A byte address in some Space: a user's or a server's, or an offset in a
// memory object. The kernel never dereferences it.
struct VirtAddr {
  u64 value = 0;
  constexpr auto operator<=>(const VirtAddr&) const = default;
  constexpr VirtAddr operator+(u64 bytes) const { return {value + bytes}; }
  constexpr u64 operator-(VirtAddr other) const { return value - other.value; }
  constexpr u64 page_offset() const { return value & kPageMask; }
  constexpr VirtAddr page() const { return {value & ~kPageMask}; }
};

// The number of a physical frame: PhysAddr / 4096.
struct Frame {
  u32 number = 0;
  constexpr auto operator<=>(const Frame&) const = default;
  constexpr PhysAddr address() const { return {u64{number} << kPageShift}; }
  static constexpr Frame containing(PhysAddr address) {
    return {static_cast<u32>(address.value >> kPageShift)};
  }
};

// Frame 0 is never handed out, so it stands for "none".
inline constexpr Frame kNoFrame{0};

constexpr u64 page_round_up(u64 bytes) {
  return (bytes + kPageMask) & ~kPageMask;
}
constexpr u64 page_round_down(u64 bytes) { return bytes & ~kPageMask; }

}  // namespace tine

#endif  // KERNEL_BASE_ADDRESS_H_
