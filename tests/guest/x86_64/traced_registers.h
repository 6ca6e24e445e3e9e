// The registers of registers.h as a tracer sees them.
#ifndef TINE_TESTS_GUEST_X86_64_TRACED_REGISTERS_H_
#define TINE_TESTS_GUEST_X86_64_TRACED_REGISTERS_H_

#include <sys/ptrace.h>
#include <sys/user.h>

#include <cerrno>
#include <cstddef>

#include "tests/guest/arch/registers.h"

namespace tine::guest {

inline auto& pc_of(user_regs_struct& seen) { return seen.rip; }
inline auto pc_of(const user_regs_struct& seen) { return seen.rip; }
inline auto& flags_of(user_regs_struct& seen) { return seen.eflags; }
inline auto flags_of(const user_regs_struct&& seen) { return seen.eflags; }
inline auto stack_pointer(const user_regs_struct& seen) { return seen.rsp; }
inline long number_at_entry(const user_regs_struct& seen) {
  return static_cast<long>(seen.orig_rax);
}

// Of a child that stands at the entry of a call.
inline long set_call_number(pid_t child, long number) {
  return ptrace(PTRACE_POKEUSER, child, offsetof(user, regs.orig_rax), number);
}
inline int call_number(pid_t child) {
  return static_cast<int>(
      ptrace(PTRACE_PEEKUSER, child, offsetof(user, regs.orig_rax), nullptr));
}

inline void set_result(user_regs_struct& registers, long result) {
  registers.rax = static_cast<unsigned long>(result);
}
inline void set_no_call(user_regs_struct& registers) {
  registers.orig_rax = ~0ul;
}

// What NT_PRFPREG is, the pattern in it, and one more change to both.
using FpRegisters = user_fpregs_struct;
inline bool has_vectors(const FpRegisters& fp, const Registers& in) {
  return memcmp(fp.xmm_space, &in.fp[kXmm0], sizeof(fp.xmm_space)) == 0;
}
inline void change_vector(FpRegisters& fp) { fp.xmm_space[9] ^= 0x5a5a; }
inline void change_vector(Registers& in) {
  in.fp[kXmm0 + 36] ^= 0x5a, in.fp[kXmm0 + 37] ^= 0x5a;
}

// In a stop at the entry or the end of the call in `in`.
inline std::vector<std::string> wrong_in_call(const Registers& in,
                                              const user_regs_struct& seen,
                                              bool enters, long result) {
  const uint64_t found[kGeneralRegisters] = {
      seen.rax, seen.rcx, seen.rdx, seen.rbx, 0,        seen.rbp,
      seen.rsi, seen.rdi, seen.r8,  seen.r9,  seen.r10, seen.r11,
      seen.r12, seen.r13, seen.r14, seen.r15};
  std::vector<std::string> wrong;
  for (size_t i = 0; i < kGeneralRegisters; ++i) {
    if (i == kResultRegister || i == 1 || i == 4 || i == 11) continue;
    compare(wrong, kRegisterNames[i], in.general[i], found[i]);
  }
  compare(wrong, "rax", static_cast<uint64_t>(enters ? -ENOSYS : result),
          seen.rax);
  compare(wrong, "orig_rax", in.general[kResultRegister], seen.orig_rax);
  compare(wrong, "rcx, the return address", seen.rip, seen.rcx);
  compare(wrong, "r11, the flags", in.flags, seen.r11);
  compare(wrong, "eflags", in.flags, seen.eflags);
  compare(wrong, "cs", 0x33, seen.cs);
  compare(wrong, "ss", 0x2b, seen.ss);
  compare(wrong, "ds", 0, seen.ds);
  compare(wrong, "es", 0, seen.es);
  compare(wrong, "fs", 0, seen.fs);
  compare(wrong, "gs", 0, seen.gs);
  compare(wrong, "fs_base", thread_pointer(), seen.fs_base);
  compare(wrong, "gs_base", 0, seen.gs_base);
  return wrong;
}

// `word` is what stands in the eight bytes before the pc.
inline bool is_behind_trap(const user_regs_struct&, long word) {
  return static_cast<uint64_t>(word) >> 48 == 0x050f;  // syscall
}

inline constexpr uint64_t kImpossiblePcs[] = {
    0x8000'0000'0000,       // not canonical
    0x4141'4141'4141'4141,  // likewise
    0xffff'8000'0000'0000,  // the kernel's half
    0xffff'ffff'8000'0000,
};
// IOPL, VM, VIF, VIP.
inline constexpr uint64_t kForbiddenFlags = 0x3000 | 1 << 17 | 3 << 19;

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_TRACED_REGISTERS_H_
