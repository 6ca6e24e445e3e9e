// What a signal handler of x86-64 can see and change of who it interrupted.
#ifndef TINE_TESTS_GUEST_X86_64_SIGNAL_CONTEXT_H_
#define TINE_TESTS_GUEST_X86_64_SIGNAL_CONTEXT_H_

#include <signal.h>
#include <ucontext.h>

#include <cstdint>

namespace tine::guest {

inline greg_t& context_pc(ucontext_t& context) {
  return context.uc_mcontext.gregs[REG_RIP];
}
inline greg_t& context_sp(ucontext_t& context) {
  return context.uc_mcontext.gregs[REG_RSP];
}
inline greg_t& context_result(ucontext_t& context) {
  return context.uc_mcontext.gregs[REG_RAX];
}

// Reads a byte by an instruction of kLoadBytes bytes: a handler can go on
// behind it.
inline constexpr int kLoadBytes = 2;
inline long load_byte(const volatile void* from) {
  long value = 0x55;
  __asm__ volatile("movb (%%rdi), %%al" : "+a"(value) : "D"(from) : "memory");
  return value & 0xff;
}
inline void store_byte(volatile void* to) {
  __asm__ volatile("movb %%al, (%%rdi)" ::"D"(to), "a"(1) : "memory");
}

// Puts `value` just below the stack pointer, sends itself a signal, and gives
// what is there then: the 128 bytes below it belong to the function (the red
// zone of the psABI).
inline long keep_below_stack(long value, long number, long pid, long signal) {
  long found;
  __asm__ volatile(
      "movq %%rdx, -8(%%rsp)\n\t"
      "movq %%rdx, -128(%%rsp)\n\t"
      "syscall\n\t"
      "movq -8(%%rsp), %%rdx\n\t"
      "andq -128(%%rsp), %%rdx"
      : "=d"(found), "+a"(number)
      : "0"(value), "D"(pid), "S"(signal)
      : "rcx", "r11", "memory");
  return found;
}

// A vector register, as the context has it.
inline uint32_t* context_vector(ucontext_t& context) {
  return context.uc_mcontext.fpregs->_xmm[7].element;
}
inline uint64_t vector_through_signal(uint64_t value, long number, long pid,
                                      long signal) {
  uint64_t found;
  __asm__ volatile(
      "movq %[in], %%xmm7\n\t"
      "syscall\n\t"
      "movq %%xmm7, %[out]"
      : [out] "=r"(found), "+a"(number)
      : [in] "r"(value), "D"(pid), "S"(signal)
      : "rcx", "r11", "xmm7", "memory");
  return found;
}

inline constexpr unsigned long kTakesStackSelector = 4;  // of uc_flags
inline void set_selectors(ucontext_t& context, uint16_t code, uint16_t stack) {
  auto& all = context.uc_mcontext.gregs[REG_CSGSFS];
  all = static_cast<greg_t>(uint64_t{stack} << 48 | code);
}

// Contexts that no program may return to. What becomes of it: 0 = it goes on
// with what it may have, else the signal that ends it.
struct Forgery {
  const char* name;
  int end;
  void (*forge)(ucontext_t&);
};
inline const Forgery kForgeries[] = {
    {"privileged flags", 0,
     [](ucontext_t& context) {
       auto& flags = context.uc_mcontext.gregs[REG_EFL];
       flags = (flags & ~0x200) | 0x3000 | 0x1a'0000;  // IF off, IOPL 3, VM ...
     }},
    {"code selector of the kernel", 11,
     [](ucontext_t& context) {
       context.uc_mcontext.gregs[REG_CSGSFS] &= ~0xffffLL;
       context.uc_mcontext.gregs[REG_CSGSFS] |= 0x10;
     }},
    {"pc of the kernel", 11,
     [](ucontext_t& context) {
       context_pc(context) = static_cast<greg_t>(0xffff'ffff'8000'0000);
     }},
    {"pc that is not canonical", 11,
     [](ucontext_t& context) { context_pc(context) = 0x8000'0000'0000; }},
    {"FP registers nowhere", 11,
     [](ucontext_t& context) {
       context.uc_mcontext.fpregs = reinterpret_cast<fpregset_t>(0x10);
     }},
    {"FP registers of the kernel", 11,
     [](ucontext_t& context) {
       context.uc_mcontext.fpregs =
           reinterpret_cast<fpregset_t>(0xffff'8000'0000'0000);
     }},
    {"no FP registers", 0,
     [](ucontext_t& context) { context.uc_mcontext.fpregs = nullptr; }},
    {"FP registers misaligned", 11,
     [](ucontext_t& context) {
       auto at = reinterpret_cast<uintptr_t>(context.uc_mcontext.fpregs);
       context.uc_mcontext.fpregs = reinterpret_cast<fpregset_t>(at + 8);
     }},
    {"unknown bits of MXCSR", 11,
     [](ucontext_t& context) { context.uc_mcontext.fpregs->mxcsr = ~0u; }},
    {"code selector of data", 11,
     [](ucontext_t& context) { set_selectors(context, 0x2b, 0x2b); }},
    {"code selector of no table", 11,
     [](ucontext_t& context) { set_selectors(context, 0x07, 0x2b); }},
    {"stack selector of nothing", 11,
     [](ucontext_t& context) { set_selectors(context, 0x33, 0); }},
    {"stack selector of code", 11,
     [](ucontext_t& context) { set_selectors(context, 0x33, 0x33); }},
    {"stack selector of the kernel", 11,
     [](ucontext_t& context) { set_selectors(context, 0x33, 0x18); }},
    {"stack selector that is not to be taken", 0,
     [](ucontext_t& context) {
       set_selectors(context, 0x33, 0);
       context.uc_flags &= ~kTakesStackSelector;
     }},
};

// What a program is told of a frame that is none.
inline constexpr int kBadFrameCode = SI_KERNEL;
inline void* bad_frame_address(ucontext_t&) { return nullptr; }
inline void make_bad(ucontext_t& context) {
  context.uc_mcontext.fpregs = reinterpret_cast<fpregset_t>(0x10);
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_SIGNAL_CONTEXT_H_
