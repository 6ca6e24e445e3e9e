// The bare system call of x86-64: no errno, no library in between.
#ifndef TINE_TESTS_GUEST_X86_64_RAW_SYSCALL_H_
#define TINE_TESTS_GUEST_X86_64_RAW_SYSCALL_H_

#include <sys/syscall.h>

#include <cstdint>

namespace tine::guest {

// The kernel's result; -4095..-1 is a negated errno.
inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0,
                        long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
                     "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

// clone with its arguments in this architecture's order.
inline long raw_clone(uint64_t flags, void* stack = nullptr,
                      int* parent_tid = nullptr, int* child_tid = nullptr,
                      uintptr_t tls = 0) {
  return raw_syscall(SYS_clone, static_cast<long>(flags),
                     reinterpret_cast<long>(stack),
                     reinterpret_cast<long>(parent_tid),
                     reinterpret_cast<long>(child_tid), static_cast<long>(tls));
}

// Numbers that no table of this architecture has. The kernel looks at the low
// 32 bits, as a signed number; bit 30 marks the x32 ABI, which Tine has as
// little as most Linuxes.
inline constexpr long kUnknownNumbers[] = {
    511,
    1079,
    9999,
    -1,
    -39,
    0xffff'ffffL,
    0x4000'0000L + SYS_getpid,
    0x7fff'ffff'ffff'ffffL,
};

// What uname says.
inline constexpr const char* kMachine = "x86_64";

// Whether clone may refuse a stack that is not a multiple of 16.
inline constexpr bool kUnalignedStackMayBeRefused = false;

// Calls that wait or fork and that only this architecture still has.
inline constexpr long kOldWaitingNumbers[] = {SYS_fork, SYS_vfork, SYS_pause,
                                              SYS_poll, SYS_select};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_RAW_SYSCALL_H_
