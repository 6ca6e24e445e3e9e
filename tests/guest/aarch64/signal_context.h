// What a signal handler of AArch64 can see and change of who it interrupted.
#ifndef TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_
#define TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_

#include <signal.h>
#include <ucontext.h>

#include <cstdint>
#include <cstring>

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

inline constexpr size_t kFpBytes = sizeof(fpsimd_context);
inline constexpr size_t kEndBytes = 16;

// An empty record behind that of the FP registers, which is then the last.
inline uint8_t* add_record(ucontext_t& context, uint32_t magic, uint32_t size) {
  uint8_t* const record = context.uc_mcontext.__reserved + kFpBytes;
  memset(record, 0, 512);
  *reinterpret_cast<_aarch64_ctx*>(record) = {magic, size};
  return record;
}
// Fills a record of more records in: they are just behind its end.
inline extra_context* extra(uint8_t* record, uint32_t bytes) {
  auto* const more = reinterpret_cast<extra_context*>(record);
  more->datap = reinterpret_cast<uintptr_t>(record) + 32 + kEndBytes;
  more->size = bytes;
  return more;
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
    {"reserved bits", 0,
     [](ucontext_t& context) {
       context.uc_mcontext.pstate |= uint64_t{0xffff'ffff} << 32 | 0xf << 20;
     }},
    {"FP registers twice", 11,
     [](ucontext_t& context) {
       auto* const records = context.uc_mcontext.__reserved;
       memcpy(records + kFpBytes, records, kFpBytes);
       memset(records + 2 * kFpBytes, 0, 16);
     }},
    {"an unknown record", 11,
     [](ucontext_t& context) { add_record(context, 0x1234'5678, 16); }},
    {"a record of a fault", 0,
     [](ucontext_t& context) { add_record(context, ESR_MAGIC, 16); }},
    {"more records elsewhere", 11,
     [](ucontext_t& context) {
       extra(add_record(context, EXTRA_MAGIC, 32), 64)->datap += 16;
     }},
    {"more records without an end before", 11,
     [](ucontext_t& context) {
       auto* const record = add_record(context, EXTRA_MAGIC, 32);
       extra(record, 64);
       reinterpret_cast<_aarch64_ctx*>(record + 32)->magic = 5;
     }},
    {"more records than a frame holds", 11,
     [](ucontext_t& context) {
       extra(add_record(context, EXTRA_MAGIC, 32), 0x2'0000);
     }},
    {"more records twice", 11,
     [](ucontext_t& context) {
       auto* const record = add_record(context, EXTRA_MAGIC, 32);
       extra(record, 256);
       auto* const second =
           reinterpret_cast<extra_context*>(record + 32 + kEndBytes);
       second->head = {EXTRA_MAGIC, 32};
       extra(reinterpret_cast<uint8_t*>(second), 16);
     }},
    {"more records", 0,
     [](ucontext_t& context) {
       extra(add_record(context, EXTRA_MAGIC, 32), 64);
     }},
    {"FP registers among more records", 0,
     [](ucontext_t& context) {
       auto* const records = context.uc_mcontext.__reserved;
       memmove(records + 32 + kEndBytes, records, kFpBytes);
       memset(records + 32 + kEndBytes + kFpBytes, 0, kEndBytes);
       memset(records + 32, 0, kEndBytes);
       *reinterpret_cast<_aarch64_ctx*>(records) = {EXTRA_MAGIC, 32};
       extra(records, 1024);
     }},
};

// What a program is told of a frame that is none.
inline constexpr int kBadFrameCode = SEGV_ACCERR;
inline void* bad_frame_address(ucontext_t& context) {
  return reinterpret_cast<void*>(context_sp(context));
}
inline void make_bad(ucontext_t& context) { context.uc_mcontext.pstate |= 5; }

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_SIGNAL_CONTEXT_H_
