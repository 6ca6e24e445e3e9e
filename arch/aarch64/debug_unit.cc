#include "arch/hw/debug_unit.h"

#include <utility>

namespace tine::hw {
namespace {

using Slot = DebugRegisters::Slot;

// DBGBCR<n>.PMC and DBGWCR<n>.PAC: user mode alone (Arm ARM table D2-10).
constexpr u64 kUserMode = u64{2} << 1;

// ID_AA64DFR0_EL1.
struct Capacity {
  u64 version;
  unsigned breakpoints;
  unsigned watchpoints;
};

Capacity capacity() {
  u64 features;
  asm("mrs %0, id_aa64dfr0_el1" : "=r"(features));
  return {features & 15, static_cast<unsigned>(features >> 12 & 15) + 1,
          static_cast<unsigned>(features >> 20 & 15) + 1};
}

// MDSCR_EL1.MDE: breakpoints and watchpoints act.
void set_events(bool on) {
  constexpr u64 kEvents = u64{1} << 15;
  u64 control;
  asm volatile("mrs %0, mdscr_el1" : "=r"(control));
  control = on ? control | kEvents : control & ~kEvents;
  asm volatile("msr mdscr_el1, %0; isb" : : "r"(control) : "memory");
}

template <unsigned kIndex>
void write_breakpoint(const Slot& slot) {
  const u64 control =
      (slot.control & (kSlotIsOn | kBreakpointBytes)) | kUserMode;
  asm volatile("msr dbgbvr%c0_el1, %1; msr dbgbcr%c0_el1, %2"
               :
               : "i"(kIndex), "r"(slot.address & ~u64{3}), "r"(control));
}

template <unsigned kIndex>
void write_watchpoint(const Slot& slot) {
  const u64 control =
      (slot.control & (kSlotIsOn | kSlotAccess | kSlotBytes)) | kUserMode;
  asm volatile("msr dbgwvr%c0_el1, %1; msr dbgwcr%c0_el1, %2"
               :
               : "i"(kIndex), "r"(slot.address & ~u64{7}), "r"(control));
}

// Registers have no index but in the instruction.
template <unsigned... kIndex>
void write_all(const DebugRegisters& registers,
               std::integer_sequence<unsigned, kIndex...>) {
  const Capacity has = capacity();
  ((kIndex < has.breakpoints
        ? write_breakpoint<kIndex>(registers.breakpoints[kIndex])
        : void()),
   ...);
  ((kIndex < has.watchpoints
        ? write_watchpoint<kIndex>(registers.watchpoints[kIndex])
        : void()),
   ...);
}

}  // namespace

void load_debug_registers(const DebugRegisters& registers) {
  write_all(registers,
            std::make_integer_sequence<unsigned, DebugRegisters::kMost>());
  set_events(true);
}

void clear_debug_registers() { set_events(false); }

void describe_debug_unit(DebugRegisters& registers) {
  const Capacity has = capacity();
  registers.version = has.version;
  registers.breakpoint_count = has.breakpoints;
  registers.watchpoint_count = has.watchpoints;
}

}  // namespace tine::hw
