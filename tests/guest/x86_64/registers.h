// All registers of x86-64 that a program can see, loaded and stored around a
// system call or a stretch of computing.
#ifndef TINE_TESTS_GUEST_X86_64_REGISTERS_H_
#define TINE_TESTS_GUEST_X86_64_REGISTERS_H_

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

inline constexpr size_t kGeneralRegisters = 16;
inline constexpr std::array<const char*, kGeneralRegisters> kRegisterNames = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

// Layout known to registers.S.
struct alignas(16) Registers {
  std::array<uint8_t, 512> fp;  // As FXSAVE stores it.
  std::array<uint64_t, kGeneralRegisters> general;
  uint64_t flags;
  uint64_t next_pc;  // Stored only: the instruction after the system call.
};
static_assert(sizeof(Registers) == 512 + 8 * 18);

extern "C" {
// Loads all but rsp, does the system call in rax, stores all. A child of it
// returns from it, too, with its own registers in its own *out.
void tine_syscall_registers(const Registers* in, Registers* out);
// Loads all but rsp, counts rcx down to 0, stores all.
void tine_spin_registers(const Registers* in, Registers* out);
// Does the system call with this stack pointer; nothing touches that stack.
long tine_syscall_on_stack(long number, uint64_t stack_pointer, long a, long b);
}

inline constexpr size_t kResultRegister = 0;  // rax

// FXSAVE offsets.
inline constexpr size_t kFcw = 0;
inline constexpr size_t kMxcsr = 24;
inline constexpr size_t kSt0 = 32;
inline constexpr size_t kXmm0 = 160;

// CF PF AF ZF SF DF OF and AC, in turn; bit 1 and IF are always set.
inline constexpr uint64_t kFlagsSet = 0x202;
inline constexpr uint64_t kFlagsPattern = 0x40cd5;

// A pattern in which every register differs from every other and from those of
// every other seed; `number` is the system call to be done.
inline Registers make_pattern(uint32_t seed, long number) {
  std::mt19937_64 random(seed);
  Registers r;
  memset(&r, 0, sizeof r);
  const uint16_t fcw = (seed & 1) != 0 ? 0x0f7f : 0x077f;  // Rounding.
  const uint16_t ftw = 0xff;                               // All eight in use.
  const uint32_t mxcsr = (seed & 1) != 0 ? 0x7f80 : 0xbf80;
  memcpy(&r.fp[kFcw], &fcw, sizeof fcw);
  memcpy(&r.fp[4], &ftw, 1);
  memcpy(&r.fp[kMxcsr], &mxcsr, sizeof mxcsr);
  for (size_t i = 0; i < 8; ++i) {
    const uint64_t significand = random() | (uint64_t{1} << 63);
    const uint16_t exponent = static_cast<uint16_t>(0x3fff + seed % 100 + i);
    memcpy(&r.fp[kSt0 + 16 * i], &significand, sizeof significand);
    memcpy(&r.fp[kSt0 + 16 * i + 8], &exponent, sizeof exponent);
  }
  for (size_t i = kXmm0; i < kXmm0 + 16 * 16; i += 8) {
    const uint64_t value = random();
    memcpy(&r.fp[i], &value, sizeof value);
  }
  for (uint64_t& value : r.general) value = random();
  r.general[kResultRegister] = static_cast<uint64_t>(number);
  r.flags = kFlagsSet | (random() & kFlagsPattern);
  return r;
}

inline void set_arguments(Registers& r, uint64_t a, uint64_t b, uint64_t c,
                          uint64_t d) {
  r.general[7] = a;
  r.general[6] = b;
  r.general[2] = c;
  r.general[10] = d;
}

// The pattern of a fork: SYS_fork has no argument, so all registers are free.
inline Registers make_fork_pattern(uint32_t seed) {
  return make_pattern(seed, SYS_fork);
}

inline void compare(std::vector<std::string>& wrong, const char* name,
                    uint64_t in, uint64_t out) {
  if (in != out) {
    wrong.push_back(std::string(name) + ": " + std::to_string(in) + " became " +
                    std::to_string(out));
  }
}

inline void compare_fp(std::vector<std::string>& wrong, const Registers& in,
                       const Registers& out) {
  const auto same = [&](size_t at, size_t length) {
    return memcmp(&in.fp[at], &out.fp[at], length) == 0;
  };
  if (!same(kFcw, 2)) wrong.emplace_back("x87 control word");
  if (!same(4, 1)) wrong.emplace_back("x87 tags");
  if (!same(kMxcsr, 4)) wrong.emplace_back("mxcsr");
  for (size_t i = 0; i < 8; ++i) {
    if (!same(kSt0 + 16 * i, 10)) wrong.push_back("st" + std::to_string(i));
  }
  for (size_t i = 0; i < 16; ++i) {
    if (!same(kXmm0 + 16 * i, 16)) wrong.push_back("xmm" + std::to_string(i));
  }
}

// What a system call must not have changed but has. It gives rax its result,
// rcx its return address and r11 the flags (AMD64 ABI, A.2.1).
inline std::vector<std::string> changed_by_syscall(const Registers& in,
                                                   const Registers& out) {
  std::vector<std::string> wrong;
  for (size_t i = 0; i < kGeneralRegisters; ++i) {
    if (i == kResultRegister || i == 1 || i == 4 || i == 11) continue;
    compare(wrong, kRegisterNames[i], in.general[i], out.general[i]);
  }
  compare(wrong, "flags", in.flags, out.flags);
  compare(wrong, "rcx, the return address", out.next_pc, out.general[1]);
  compare(wrong, "r11, the flags", in.flags, out.general[11]);
  compare_fp(wrong, in, out);
  return wrong;
}

// What interrupts and other processes have changed during a spin.
inline Registers make_spin_pattern(uint32_t seed, uint64_t rounds) {
  Registers r = make_pattern(seed, 0x5117);
  r.general[1] = rounds;
  return r;
}
inline std::vector<std::string> changed_by_spin(const Registers& in,
                                                const Registers& out) {
  std::vector<std::string> wrong;
  for (size_t i = 0; i < kGeneralRegisters; ++i) {
    if (i == 1 || i == 4) continue;
    compare(wrong, kRegisterNames[i], in.general[i], out.general[i]);
  }
  compare_fp(wrong, in, out);
  return wrong;
}

// Stack pointers that a system call must put up with.
inline constexpr uint64_t kOddStacks[] = {
    0,
    1,
    0x1001,
    0x7fff'ffff'f000,       // The last user page.
    0x8000'0000'0000,       // Not canonical.
    0xffff'8000'0000'0000,  // The kernel's half.
    0xffff'ffff'8000'0000,
    UINT64_MAX,
};

// The thread pointer: FS base, by the TCB's pointer to itself.
inline uintptr_t thread_pointer() {
  uintptr_t value;
  __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
  return value;
}

// Forks while the thread pointer is `block` (whose first word must point to
// itself) and ends the child with 0 if it has the same, else with 1. Returns
// the child's pid, with the old thread pointer.
__attribute__((no_stack_protector)) inline long fork_with_thread_pointer(
    uintptr_t* block) {
  constexpr long kSetFs = 0x1002;  // ARCH_SET_FS
  const uintptr_t old = thread_pointer();
  raw_syscall(SYS_arch_prctl, kSetFs, reinterpret_cast<long>(block));
  const long pid = raw_clone(SIGCHLD);
  const uintptr_t now = thread_pointer();
  const bool same = now == reinterpret_cast<uintptr_t>(block);
  if (pid == 0) raw_syscall(SYS_exit_group, same ? 0 : 1);
  raw_syscall(SYS_arch_prctl, kSetFs, static_cast<long>(old));
  return same ? pid : -1;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_REGISTERS_H_
