// What a signal handler of AArch64 can see and change of who it interrupted.
#ifndef TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_
#define TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_

#include <ucontext.h>

#include <cstdint>

namespace tine::guest {

inline unsigned long long& context_pc(ucontext_t& context) {
  return context.uc_mcontext.pc;
}
inline unsigned long long& context_sp(ucontext_t& context) {
  return context.uc_mcontext.sp;
}
inline unsigned long long& context_result(ucontext_t& context) {
  return context.uc_mcontext.regs[0];
}

// Reads a byte by an instruction of kLoadBytes bytes: a handler can go on
// behind it. Its result is the context's.
inline constexpr int kLoadBytes = 4;
inline long load_byte(const volatile void* from) {
  register long x0 __asm__("x0") = 0x55;
  register const volatile void* x1 __asm__("x1") = from;
  __asm__ volatile("ldrb w0, [x1]" : "+r"(x0) : "r"(x1) : "memory");
  return x0 & 0xff;
}
inline void store_byte(volatile void* to) {
  __asm__ volatile("strb wzr, [%0]" ::"r"(to) : "memory");
}

// There is no red zone: what is kept is below a stack pointer that was moved.
inline long keep_below_stack(long value, long number, long pid, long signal) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = pid;
  register long x1 __asm__("x1") = signal;
  long found = value;
  __asm__ volatile(
      "str %0, [sp, #-16]!\n\t"
      "svc #0\n\t"
      "ldr %0, [sp], #16"
      : "+r"(found), "+r"(x0)
      : "r"(x1), "r"(x8)
      : "memory");
  return found;
}

// A vector register, as the context has it.
inline uint32_t* context_vector(ucontext_t& context) {
  auto* record =
      reinterpret_cast<_aarch64_ctx*>(context.uc_mcontext.__reserved);
  while (record->magic != FPSIMD_MAGIC) {
    if (record->magic == 0) return nullptr;
    record = reinterpret_cast<_aarch64_ctx*>(
        reinterpret_cast<uint8_t*>(record) + record->size);
  }
  return reinterpret_cast<uint32_t*>(
      &reinterpret_cast<fpsimd_context*>(record)->vregs[7]);
}
inline uint64_t vector_through_signal(uint64_t value, long number, long pid,
                                      long signal) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = pid;
  register long x1 __asm__("x1") = signal;
  uint64_t found;
  __asm__ volatile(
      "fmov d7, %[in]\n\t"
      "svc #0\n\t"
      "fmov %[out], d7"
      : [out] "=r"(found), "+r"(x0)
      : [in] "r"(value), "r"(x1), "r"(x8)
      : "v7", "memory");
  return found;
}

// Contexts that no program may return to. What becomes of it: 0 = it goes on
// with what it may have, else the signal that ends it.
struct Forgery {
  const char* name;
  int end;
  void (*forge)(ucontext_t&);
};
inline const Forgery kForgeries[] = {
    {"exception level 1", 11,
     [](ucontext_t& context) { context.uc_mcontext.pstate |= 5; }},
    {"masked interrupts", 11,
     [](ucontext_t& context) { context.uc_mcontext.pstate |= 0x3c0; }},
    {"AArch32 state", 11,
     [](ucontext_t& context) { context.uc_mcontext.pstate |= 0x10; }},
    {"pc of the kernel", 11,
     [](ucontext_t& context) { context_pc(context) = 0xffff'0000'0000'0000; }},
    {"records that never end", 11,
     [](ucontext_t& context) {
       auto* record =
           reinterpret_cast<_aarch64_ctx*>(context.uc_mcontext.__reserved);
       record->size = 0;
     }},
    {"a record too long", 11,
     [](ucontext_t& context) {
       auto* record =
           reinterpret_cast<_aarch64_ctx*>(context.uc_mcontext.__reserved);
       record->size = 0xffff'fff0;
     }},
    {"no FP registers", 11,
     [](ucontext_t& context) {
       auto* record =
           reinterpret_cast<_aarch64_ctx*>(context.uc_mcontext.__reserved);
       record->magic = record->size = 0;
     }},
};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_
