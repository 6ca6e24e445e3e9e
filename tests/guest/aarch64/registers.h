// All registers of AArch64 that a program can see, loaded and stored around a
// system call or a stretch of computing.
#ifndef TINE_TESTS_GUEST_AARCH64_REGISTERS_H_
#define TINE_TESTS_GUEST_AARCH64_REGISTERS_H_

#include <sys/syscall.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/guest/arch/raw_syscall.h"

namespace tine::guest {

inline constexpr size_t kGeneralRegisters = 31;

// Layout known to registers.S.
struct alignas(16) Registers {
  std::array<uint64_t, 64> vector;  // q0 to q31.
  std::array<uint64_t, kGeneralRegisters> general;
  uint64_t nzcv;
  uint64_t fpcr;
  uint64_t fpsr;
};
static_assert(sizeof(Registers) == 512 + 8 * 34);

extern "C" {
// Loads all but sp, does the system call in x8, stores all. A child of it
// returns from it, too, with its own registers in its own *out.
void tine_syscall_registers(const Registers* in, Registers* out);
// Loads all but sp, counts x0 down to 0, stores all.
void tine_spin_registers(const Registers* in, Registers* out);
// Does the system call with this stack pointer; nothing touches that stack.
long tine_syscall_on_stack(long number, uint64_t stack_pointer, long a, long b);
// Does fork's clone with this thread pointer. In parent and child: stores the
// thread pointer found after it to *after, and puts the old one back.
long tine_fork_with_thread_pointer(const void* block, uintptr_t* after);
}

inline constexpr size_t kResultRegister = 0;
inline constexpr size_t kNumberRegister = 8;

// A pattern in which every register differs from every other and from those of
// every other seed; `number` is the system call to be done.
inline Registers make_pattern(uint32_t seed, long number) {
  std::mt19937_64 random(seed);
  Registers r;
  for (uint64_t& value : r.vector) value = random();
  for (uint64_t& value : r.general) value = random();
  r.general[kNumberRegister] = static_cast<uint64_t>(number);
  r.nzcv = random() & 0xf000'0000;
  // Rounding mode, flush to zero, default NaN; all cumulative exception flags.
  r.fpcr = (random() & 0x3) << 22 | (random() & 0x3) << 24;
  r.fpsr = random() & 0x0800'009f;
  return r;
}

inline void set_arguments(Registers& r, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t d) {
  r.general[0] = a;
  r.general[1] = b;
  r.general[2] = c;
  r.general[3] = d;
}

// The pattern of a fork: clone(SIGCHLD, 0), its other arguments unused.
inline Registers make_fork_pattern(uint32_t seed) {
  Registers r = make_pattern(seed, SYS_clone);
  r.general[0] = SIGCHLD;
  r.general[1] = 0;
  return r;
}

inline void compare(std::vector<std::string>& wrong, const std::string& name,
                    uint64_t in, uint64_t out) {
  if (in != out) {
    wrong.push_back(name + ": " + std::to_string(in) + " became " +
                    std::to_string(out));
  }
}

// What a system call must not have changed but has: it gives x0 its result.
inline std::vector<std::string> changed_by_syscall(const Registers& in,
                                                   const Registers& out) {
  std::vector<std::string> wrong;
  for (size_t i = 1; i < kGeneralRegisters; ++i) {
    compare(wrong, "x" + std::to_string(i), in.general[i], out.general[i]);
  }
  for (size_t i = 0; i < in.vector.size(); ++i) {
    compare(wrong, "q" + std::to_string(i / 2), in.vector[i], out.vector[i]);
  }
  compare(wrong, "nzcv", in.nzcv, out.nzcv);
  compare(wrong, "fpcr", in.fpcr, out.fpcr);
  compare(wrong, "fpsr", in.fpsr, out.fpsr);
  return wrong;
}

// What interrupts and other processes have changed during a spin.
inline Registers make_spin_pattern(uint32_t seed, uint64_t rounds) {
  Registers r = make_pattern(seed, 0x5117);
  r.general[0] = rounds;
  r.nzcv = 0x6000'0000;  // As the last subtraction leaves it: zero, no borrow.
  return r;
}
inline std::vector<std::string> changed_by_spin(const Registers& in,
                                                const Registers& out) {
  return changed_by_syscall(in, out);
}

// Stack pointers that a system call must put up with.
inline constexpr uint64_t kOddStacks[] = {
    0,
    1,
    0x1001,
    0xffff'ffff'f000,       // The last user page.
    0x1'0000'0000'0000,     // Above the user half.
    0xffff'0000'0000'0000,  // The kernel's half.
    0xffff'8000'0000'0000,
    UINT64_MAX,
};

inline uintptr_t thread_pointer() {
  uintptr_t value;
  __asm__ volatile("mrs %0, tpidr_el0" : "=r"(value));
  return value;
}

// Forks while the thread pointer is `block` and ends the child with 0 if it
// has the same, else with 1. Returns the child's pid, with the old thread
// pointer.
inline long fork_with_thread_pointer(uintptr_t* block) {
  uintptr_t after = 0;
  const long pid = tine_fork_with_thread_pointer(block, &after);
  const bool same = after == reinterpret_cast<uintptr_t>(block);
  if (pid == 0) raw_syscall(SYS_exit_group, same ? 0 : 1);
  return same ? pid : -1;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_REGISTERS_H_
