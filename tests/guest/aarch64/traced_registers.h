// The registers of registers.h as a tracer sees them.
#ifndef TINE_TESTS_GUEST_AARCH64_TRACED_REGISTERS_H_
#define TINE_TESTS_GUEST_AARCH64_TRACED_REGISTERS_H_

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cerrno>

#include "tests/guest/arch/registers.h"

namespace tine::guest {

inline auto& pc_of(user_regs_struct& seen) { return seen.pc; }
inline auto pc_of(const user_regs_struct& seen) { return seen.pc; }
inline auto& flags_of(user_regs_struct& seen) { return seen.pstate; }
inline auto flags_of(const user_regs_struct&& seen) { return seen.pstate; }
inline auto stack_pointer(const user_regs_struct& seen) { return seen.sp; }
inline long number_at_entry(const user_regs_struct& seen) {
  return static_cast<long>(seen.regs[kNumberRegister]);
}

// Of a child that stands at the entry of a call.
inline long set_call_number(pid_t child, int number) {
  iovec vector{&number, sizeof(number)};
  return ptrace(PTRACE_SETREGSET, child, NT_ARM_SYSTEM_CALL, &vector);
}
inline int call_number(pid_t child) {
  int number = 0;
  iovec vector{&number, sizeof(number)};
  return ptrace(PTRACE_GETREGSET, child, NT_ARM_SYSTEM_CALL, &vector) == 0
             ? number
             : 0;
}

inline void set_result(user_regs_struct& registers, long result) {
  registers.regs[0] = static_cast<unsigned long>(result);
}
// The number is a set of its own, NT_ARM_SYSTEM_CALL.
inline void set_no_call(user_regs_struct&) {}

// What NT_PRFPREG is, the pattern in it, and one more change to both.
using FpRegisters = user_fpsimd_struct;
inline bool has_vectors(const FpRegisters& fp, const Registers& in) {
  return memcmp(fp.vregs, in.vector.data(), sizeof(fp.vregs)) == 0 &&
         fp.fpcr == in.fpcr && fp.fpsr == in.fpsr;
}
inline void change_vector(FpRegisters& fp) { fp.vregs[9] ^= 0x5a5a; }
inline void change_vector(Registers& in) { in.vector[18] ^= 0x5a5a; }

// In a stop at the entry or the end of the call in `in`.
inline std::vector<std::string> wrong_in_call(const Registers& in,
                                              const user_regs_struct& seen,
                                              bool enters, long result) {
  std::vector<std::string> wrong;
  // Which end of the call it is, Linux says in x7.
  for (size_t i = 1; i < kGeneralRegisters; ++i) {
    if (i == 7) continue;
    compare(wrong, "x" + std::to_string(i), in.general[i], seen.regs[i]);
  }
  compare(wrong, "x7", enters ? 0 : 1, seen.regs[7]);
  compare(wrong, "x0", enters ? in.general[0] : static_cast<uint64_t>(result),
          seen.regs[0]);
  compare(wrong, "pstate", in.nzcv, seen.pstate);
  return wrong;
}

// `word` is what stands in the eight bytes before the pc.
inline bool is_behind_trap(const user_regs_struct&, long word) {
  return static_cast<uint64_t>(word) >> 32 == 0xd400'0001;  // svc #0
}

inline constexpr uint64_t kImpossiblePcs[] = {
    0x1'0000'0000'0000,     // above the user's half
    0x0041'4141'4141'4140,  // likewise; a tag above it is dropped
    0xffff'0000'0000'0000,  // the kernel's half
    0xffff'ffff'8000'0000,
};
// EL1 with its own stack pointer.
inline constexpr uint64_t kForbiddenFlags = 0x5;

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_TRACED_REGISTERS_H_
