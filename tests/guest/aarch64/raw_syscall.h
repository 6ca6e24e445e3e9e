// The bare system call of AArch64: no errno, no library in between.
#ifndef TINE_TESTS_GUEST_AARCH64_RAW_SYSCALL_H_
#define TINE_TESTS_GUEST_AARCH64_RAW_SYSCALL_H_

#include <sys/syscall.h>

#include <array>
#include <cstdint>

namespace tine::guest {

// The kernel's result; -4095..-1 is a negated errno.
inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0,
                        long d = 0, long e = 0, long f = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory", "cc");
  return x0;
}

// clone with its arguments in this architecture's order.
inline long raw_clone(uint64_t flags, void* stack = nullptr,
                      int* parent_tid = nullptr, int* child_tid = nullptr,
                      uintptr_t tls = 0) {
  return raw_syscall(SYS_clone, static_cast<long>(flags),
                     reinterpret_cast<long>(stack),
                     reinterpret_cast<long>(parent_tid), static_cast<long>(tls),
                     reinterpret_cast<long>(child_tid));
}

// Numbers that no table of this architecture has, among them the deprecated
// fork of the generic table (1079). The kernel looks at the low 32 bits.
inline constexpr long kUnknownNumbers[] = {
    244, 259, 1079, 9999, -1, -39, 0xffff'ffffL, 0x7fff'ffff'ffff'ffffL,
};

// What uname says.
inline constexpr const char* kMachine = "aarch64";

// Whether clone may refuse a stack that is not a multiple of 16: older Linuxes
// do (EINVAL), newer ones let the child fault at its first use.
inline constexpr bool kUnalignedStackMayBeRefused = true;

// Calls that wait or fork and that only older architectures have: none.
inline constexpr std::array<long, 0> kOldWaitingNumbers{};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_RAW_SYSCALL_H_
