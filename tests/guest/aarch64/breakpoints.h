// Hardware breakpoints of AArch64, which are two register sets.
#ifndef TINE_TESTS_GUEST_AARCH64_BREAKPOINTS_H_
#define TINE_TESTS_GUEST_AARCH64_BREAKPOINTS_H_

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace tine::guest {

// As the registers of watchpoints have them.
enum class Watch : uint32_t { kExecute = 0, kWrite = 2, kAccess = 3 };

// An access is told before it is made.
inline constexpr bool kStopsBeforeAccess = true;

// struct user_hwdebug_state, which not every C library has.
struct DebugState {
  uint32_t resources;
  uint32_t padding;
  struct Slot {
    uint64_t address;
    uint32_t control;
    uint32_t padding;
  } slots[16];
};

// Breakpoints and watchpoints have numbers of their own.
inline int debug_set(Watch watch) {
  return watch == Watch::kExecute ? NT_ARM_HW_BREAK : NT_ARM_HW_WATCH;
}
inline DebugState debug_state(pid_t child, int set) {
  DebugState state{};
  iovec vector{&state, sizeof(state)};
  if (ptrace(PTRACE_GETREGSET, child, set, &vector) != 0) state.resources = 0;
  return state;
}
// As many slots as there are, or so many bytes. 0 or an errno.
inline int set_debug_state(pid_t child, int set, DebugState& state,
                           size_t bytes = 0) {
  const size_t count = state.resources & 0xff;
  iovec vector{&state,
               bytes != 0 ? bytes : 8 + count * sizeof(DebugState::Slot)};
  return ptrace(PTRACE_SETREGSET, child, set, &vector) == 0 ? 0 : errno;
}

constexpr uint32_t kBreakpointOn = 1;

inline int clear_breakpoint(pid_t child, unsigned index) {
  int error = 0;
  for (const int set : {NT_ARM_HW_BREAK, NT_ARM_HW_WATCH}) {
    DebugState state = debug_state(child, set);
    if ((state.slots[index].control & kBreakpointOn) == 0) continue;
    state.slots[index].control &= ~kBreakpointOn;
    error |= set_debug_state(child, set, state);
  }
  return error;
}

inline int set_breakpoint(pid_t child, unsigned index, Watch watch,
                          uint64_t address, unsigned bytes) {
  const int set = debug_set(watch);
  DebugState state = debug_state(child, set);
  if ((state.resources & 0xff) <= index) return ENOSPC;
  const unsigned length = watch == Watch::kExecute ? 4 : bytes;
  const uint32_t mask = (1u << length) - 1;
  state.slots[index] = {
      address, mask << 5 | static_cast<uint32_t>(watch) << 3 | kBreakpointOn,
      0};
  return set_debug_state(child, set, state);
}

inline bool has_breakpoint(pid_t child, unsigned index) {
  return debug_state(child, NT_ARM_HW_BREAK).slots[index].control != 0 ||
         debug_state(child, NT_ARM_HW_WATCH).slots[index].control != 0;
}

// Whether a stop with that information is about this breakpoint.
inline bool is_met(pid_t, unsigned, uint64_t address, const siginfo_t& info) {
  return info.si_code == TRAP_HWBKPT &&
         (reinterpret_cast<uint64_t>(info.si_addr) & ~uint64_t{7}) ==
             (address & ~uint64_t{7});
}

// Lets it go on from there: by a step without it.
inline bool pass_breakpoint(pid_t child, unsigned index) {
  DebugState states[2];
  const int sets[2] = {NT_ARM_HW_BREAK, NT_ARM_HW_WATCH};
  for (int i = 0; i < 2; ++i) states[i] = debug_state(child, sets[i]);
  int status = 0;
  if (clear_breakpoint(child, index) != 0 ||
      ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0 ||
      waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status)) {
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    if ((states[i].slots[index].control & kBreakpointOn) != 0 &&
        set_debug_state(child, sets[i], states[i]) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_BREAKPOINTS_H_
