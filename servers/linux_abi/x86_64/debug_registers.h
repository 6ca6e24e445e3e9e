// Breakpoints as tracers set them: words of struct user, by the rules of
// ptrace_set_debugreg() and what that calls (Linux, x86's ptrace.c and
// hw_breakpoint.c).
#ifndef SERVERS_LINUX_ABI_X86_64_DEBUG_REGISTERS_H_
#define SERVERS_LINUX_ABI_X86_64_DEBUG_REGISTERS_H_

#include "arch/hw/debug_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/ptrace.h"

namespace tine::linux_abi {

// No set has them on this architecture.
constexpr bool is_breakpoint_set(u32) { return false; }

// DR4 and DR5 do not exist.
inline constexpr u64 kDebugStatusWord = 6;
inline constexpr u64 kDebugControlWord = 7;
inline constexpr u64 kDebugWords = 8;
// Bits of DR6 that say yes by 0. The status is kept with 1 for yes in all.
inline constexpr u64 kDebugStatusFlip = 0xffff'0ff0;

constexpr bool may_watch(u64 address, hw::BreakpointType type, u64 bytes) {
  if (type == hw::BreakpointType::kPort ||
      (type == hw::BreakpointType::kExecute && bytes != 1)) {
    return false;
  }
  return address % bytes == 0 &&
         address <= hw::PageTableFormat::kUserTop - bytes;
}

// One that somebody has asked for, be it turned off: what is said of the
// others does not matter.
constexpr bool is_made(const hw::DebugRegisters& all, unsigned i) {
  return all.is_on(i) || all.addresses[i] != 0;
}

constexpr i64 set_debug_address(hw::DebugRegisters& all, unsigned i,
                                u64 address) {
  // Before it is turned on it watches a byte.
  const bool says_what =
      is_made(all, i) && may_watch(0, all.type(i), all.bytes(i));
  const bool fits = says_what
                        ? may_watch(address, all.type(i), all.bytes(i))
                        : may_watch(address, hw::BreakpointType::kWrite, 1);
  if (!fits) return -EINVAL;
  all.addresses[i] = address;
  return 0;
}

constexpr i64 set_debug_control(hw::DebugRegisters& all, u64 control) {
  hw::DebugRegisters next = all;
  next.control = control;
  for (unsigned i = 0; i < hw::DebugRegisters::kCount; ++i) {
    if (!is_made(all, i) && !next.is_on(i)) continue;
    if (!may_watch(next.addresses[i], next.type(i), next.bytes(i))) {
      return -EINVAL;
    }
  }
  all = next;
  return 0;
}

// `status` is what the last debug exception was about.
inline void read_breakpoint_set(u32, const hw::DebugRegisters& all, u64 status,
                                RegisterSet& to) {
  u64 words[kDebugWords] = {};
  for (unsigned i = 0; i < hw::DebugRegisters::kCount; ++i) {
    words[i] = all.addresses[i];
  }
  words[kDebugStatusWord] = status ^ kDebugStatusFlip;
  words[kDebugControlWord] = all.control;
  to.unit = sizeof(u64);
  to.bytes = sizeof(words);
  __builtin_memcpy(to.content, words, sizeof(words));
}

// Of `from` the bytes from `first` on have changed, which is one word. 0 or a
// negated errno, with as much changed in `all` as Linux would.
inline i64 write_breakpoint_set(u32, const RegisterSet& from, u64 first, u64,
                                hw::DebugRegisters& all, u64& status) {
  u64 word;
  __builtin_memcpy(&word, from.content + first, sizeof(word));
  const u64 index = first / sizeof(word);
  if (index < hw::DebugRegisters::kCount) {
    return set_debug_address(all, static_cast<unsigned>(index), word);
  }
  switch (index) {
    case kDebugStatusWord:
      status = word ^ kDebugStatusFlip;
      return 0;
    case kDebugControlWord:
      return set_debug_control(all, word);
    default:
      return -EIO;
  }
}

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_DEBUG_REGISTERS_H_
