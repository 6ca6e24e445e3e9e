// A thread's breakpoints and watchpoints (SDM 3B 17.2). Free of instructions:
// servers and the simulator know them, too.
#ifndef ARCH_X86_64_DEBUG_REGISTERS_H_
#define ARCH_X86_64_DEBUG_REGISTERS_H_

#include "arch/hw/page_table_format.h"
#include "kernel/base/types.h"

namespace tine::hw {

// Of the four, each with two bits in DR7 that turn it on, and four that say
// what it is.
enum class BreakpointType : u8 { kExecute, kWrite, kPort, kAccess };

struct DebugRegisters {
  static constexpr unsigned kCount = 4;

  u64 addresses[kCount];  // DR0 to DR3
  u64 control;            // DR7

  constexpr bool is_on(unsigned i) const { return (control >> 2 * i & 3) != 0; }
  constexpr BreakpointType type(unsigned i) const {
    return static_cast<BreakpointType>(control >> (16 + 4 * i) & 3);
  }
  // 1, 2 or 4 bytes, and 8 in the place of 3.
  constexpr u64 bytes(unsigned i) const {
    const u64 field = control >> (18 + 4 * i) & 3;
    return field == 2 ? 8 : field + 1;
  }
};

// Turns off what is not the user's memory, and what the CPU leaves undefined.
inline void sanitize(DebugRegisters& registers) {
  for (unsigned i = 0; i < DebugRegisters::kCount; ++i) {
    const u64 bytes = registers.bytes(i);
    const BreakpointType type = registers.type(i);
    if (registers.addresses[i] > PageTableFormat::kUserTop - bytes ||
        type == BreakpointType::kPort ||
        (type == BreakpointType::kExecute && bytes != 1)) {
      registers.control &= ~(u64{3} << 2 * i);
    }
  }
}

// DR6: which of the four have been met, and that a single step has ended.
inline constexpr u64 kMetBreakpoints = 0xf;
inline constexpr u64 kMetStep = 1 << 14;

}  // namespace tine::hw

#endif  // ARCH_X86_64_DEBUG_REGISTERS_H_
