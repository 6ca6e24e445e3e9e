// Breakpoints as tracers set them: two register sets, by the rules of
// hw_break_set() and what that calls (Linux, arm64's ptrace.c and
// hw_breakpoint.c).
#ifndef SERVERS_LINUX_ABI_AARCH64_DEBUG_REGISTERS_H_
#define SERVERS_LINUX_ABI_AARCH64_DEBUG_REGISTERS_H_

#include "arch/hw/debug_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"

namespace tine::linux_abi {

constexpr bool is_breakpoint_set(u32 type) {
  return type == kNtArmBreakpoints || type == kNtArmWatchpoints;
}

// struct user_hwdebug_state.
struct UserBreakpoints {
  u32 resources;  // how many there are; above bit 8 the version
  u32 padding;
  struct Slot {
    u64 address;
    u32 control;
    u32 padding;
  };
  Slot slots[hw::DebugRegisters::kMost];
};
static_assert(sizeof(UserBreakpoints) == 264);

// One breakpoint, taken apart. `access` is 0 for instructions.
struct Breakpoint {
  static constexpr u64 kExecute = 0;
  static constexpr u64 kLoadsAndStores = 3;

  u64 address = 0;
  u64 bytes = 4;
  u64 access = kExecute;
  bool is_on = false;

  // One that nobody has asked for.
  static constexpr Breakpoint unset(u32 type) {
    return {.access = type == kNtArmBreakpoints ? kExecute : kLoadsAndStores};
  }

  static constexpr Breakpoint of(const hw::DebugRegisters::Slot& slot,
                                 u32 type) {
    if (slot.control == 0) return unset(type);
    const u64 mask = (slot.control & hw::kSlotBytes) >> 5;
    const auto first = static_cast<u64>(__builtin_ctzll(mask | 0x100));
    return {.address = slot.address + first,
            .bytes = static_cast<u64>(__builtin_popcountll(mask)),
            .access = slot.control >> 3 & 3,
            .is_on = (slot.control & hw::kSlotIsOn) != 0};
  }

  // False: it is no address of a program's.
  constexpr bool store(hw::DebugRegisters::Slot& slot) const {
    constexpr u64 kTaskSize = u64{1} << 48;
    constexpr u64 kUserMode = 2 << 1;  // Linux shows it
    const bool executes = access == kExecute;
    const u64 length = executes ? 4 : bytes;
    if (address >= kTaskSize && address + length - 1 >= kTaskSize) return false;
    const u64 first = address & (executes ? 3 : 7);
    const u64 mask = ((u64{1} << length) - 1) << first & 0xff;
    slot = {address - first,
            mask << 5 | access << 3 | kUserMode | (is_on ? hw::kSlotIsOn : 0)};
    return true;
  }

  // False: no CPU can do that, or not this one for `type`.
  constexpr bool set_control(u32 type, u32 control) {
    is_on = (control & hw::kSlotIsOn) != 0;
    if (!is_on) return true;
    const u64 wanted = control >> 3 & 3;
    const u64 mask = control >> 5 & 0xff;
    if (mask == 0) return false;
    const auto first = static_cast<u64>(__builtin_ctzll(mask));
    const u64 run = mask >> first;
    if ((run & (run + 1)) != 0 ||
        (wanted == kExecute) != (type == kNtArmBreakpoints)) {
      return false;
    }
    address += first;
    bytes = static_cast<u64>(__builtin_popcountll(run));
    access = wanted;
    return true;
  }
};

inline void read_breakpoint_set(u32 type, const hw::DebugRegisters& all, u64,
                                RegisterSet& to) {
  const bool executes = type == kNtArmBreakpoints;
  UserBreakpoints state{};
  state.resources =
      static_cast<u32>(all.version << 8 | (executes ? all.breakpoint_count
                                                    : all.watchpoint_count));
  for (unsigned i = 0; i < hw::DebugRegisters::kMost; ++i) {
    const auto& slot = executes ? all.breakpoints[i] : all.watchpoints[i];
    state.slots[i] = {slot.address, static_cast<u32>(slot.control), 0};
  }
  to.unit = sizeof(u32);
  to.bytes = sizeof(state);
  __builtin_memcpy(to.content, &state, sizeof(state));
}

// Of `from` the first `bytes` are said. 0 or a negated errno, with as much
// changed in `all` as Linux would: what comes before the first mistake.
inline i64 write_breakpoint_set(u32 type, const RegisterSet& from, u64,
                                u64 bytes, hw::DebugRegisters& all, u64&) {
  const bool executes = type == kNtArmBreakpoints;
  UserBreakpoints state;
  __builtin_memcpy(&state, from.content, sizeof(state));
  u64 at = offsetof(UserBreakpoints, slots);
  for (unsigned i = 0; i < hw::DebugRegisters::kMost && at < bytes; ++i) {
    if (bytes - at < sizeof(u64)) return -EINVAL;
    if (i >= (executes ? all.breakpoint_count : all.watchpoint_count)) {
      return -ENOSPC;
    }
    auto& slot = executes ? all.breakpoints[i] : all.watchpoints[i];
    Breakpoint wanted = Breakpoint::of(slot, type);
    if (slot.control == 0) (void)wanted.store(slot);
    wanted.address = state.slots[i].address;
    if (!wanted.store(slot)) return -EINVAL;
    at += sizeof(u64);
    if (at >= bytes) break;
    wanted = Breakpoint::of(slot, type);
    if (!wanted.set_control(type, state.slots[i].control) ||
        !wanted.store(slot)) {
      return -EINVAL;
    }
    at += sizeof(u64);
  }
  return 0;
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_DEBUG_REGISTERS_H_
