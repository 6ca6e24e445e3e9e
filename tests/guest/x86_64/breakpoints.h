// Hardware breakpoints of x86-64, which are words of struct user.
#ifndef TINE_TESTS_GUEST_X86_64_BREAKPOINTS_H_
#define TINE_TESTS_GUEST_X86_64_BREAKPOINTS_H_

#include <sys/ptrace.h>
#include <sys/user.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

namespace tine::guest {

// As DR7 has them.
enum class Watch : uint64_t { kExecute = 0, kWrite = 1, kAccess = 3 };

// An access is over when it is told, an instruction of a breakpoint is not.
inline constexpr bool kStopsBeforeAccess = false;

inline long debug_register_at(unsigned index) {
  return static_cast<long>(offsetof(struct user, u_debugreg) +
                           index * sizeof(long));
}
inline uint64_t debug_register(pid_t child, unsigned index) {
  return static_cast<uint64_t>(
      ptrace(PTRACE_PEEKUSER, child, debug_register_at(index), nullptr));
}
// 0 or an errno.
inline int set_debug_register(pid_t child, unsigned index, uint64_t value) {
  return ptrace(PTRACE_POKEUSER, child, debug_register_at(index), value) == 0
             ? 0
             : errno;
}

constexpr uint64_t control_of(unsigned index, Watch watch, unsigned bytes) {
  const uint64_t length = bytes == 8 ? 2 : bytes - 1;
  return (length << 2 | static_cast<uint64_t>(watch)) << (16 + 4 * index) |
         uint64_t{1} << 2 * index;
}

inline int clear_breakpoint(pid_t child, unsigned index) {
  const uint64_t field = uint64_t{15} << (16 + 4 * index);
  const uint64_t on = uint64_t{3} << 2 * index;
  return set_debug_register(child, 7, debug_register(child, 7) & ~(field | on));
}

inline int set_breakpoint(pid_t child, unsigned index, Watch watch,
                          uint64_t address, unsigned bytes) {
  int error = clear_breakpoint(child, index);
  if (error == 0) error = set_debug_register(child, index, address);
  if (error != 0) return error;
  return set_debug_register(
      child, 7, debug_register(child, 7) | control_of(index, watch, bytes));
}

inline bool has_breakpoint(pid_t child, unsigned index) {
  return debug_register(child, index) != 0;
}

// Whether a stop with that information is about this breakpoint.
inline bool is_met(pid_t child, unsigned index, uint64_t,
                   const siginfo_t& info) {
  return info.si_code == TRAP_HWBKPT &&
         (debug_register(child, 6) & 15) == uint64_t{1} << index;
}

// Lets it go on from there: the CPU has seen to it.
inline bool pass_breakpoint(pid_t, unsigned) { return true; }

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_BREAKPOINTS_H_
