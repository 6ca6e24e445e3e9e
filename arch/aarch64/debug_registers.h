// A thread's breakpoints and watchpoints (Arm ARM D2.8 and D2.10). Free of
// instructions: servers and the simulator know them, too.
#ifndef ARCH_AARCH64_DEBUG_REGISTERS_H_
#define ARCH_AARCH64_DEBUG_REGISTERS_H_

#include "arch/hw/page_table_format.h"
#include "kernel/base/types.h"

namespace tine::hw {

struct DebugRegisters {
  static constexpr unsigned kMost = 16;  // of either kind

  // What the CPU has: version of its debug architecture, and how many.
  u64 version;
  u64 breakpoint_count;
  u64 watchpoint_count;

  struct Slot {
    u64 address;  // DBGBVR<n>, DBGWVR<n>
    u64 control;  // DBGBCR<n>, DBGWCR<n>: of these only the fields below
  };
  Slot breakpoints[kMost];
  Slot watchpoints[kMost];
};

// Fields of a slot's control. The other ones are the kernel's: it watches user
// mode only, and links nothing.
inline constexpr u64 kSlotIsOn = 1;
inline constexpr u64 kSlotAccess = u64{3} << 3;  // loads, stores: watchpoints
inline constexpr u64 kSlotBytes = u64{0xff}
                                  << 5;  // from the address on, by bit
inline constexpr u64 kBreakpointBytes = u64{0xf} << 5;

// Turns off what is not the user's memory.
inline void sanitize(DebugRegisters::Slot& slot) {
  if (slot.address >= PageTableFormat::kUserTop) slot.control &= ~kSlotIsOn;
}
inline void sanitize(DebugRegisters& registers) {
  for (DebugRegisters::Slot& slot : registers.breakpoints) sanitize(slot);
  for (DebugRegisters::Slot& slot : registers.watchpoints) sanitize(slot);
}

}  // namespace tine::hw

#endif  // ARCH_AARCH64_DEBUG_REGISTERS_H_
