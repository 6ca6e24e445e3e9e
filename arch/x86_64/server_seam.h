// The seam under servers/runtime/sys.h as it is in the guest: the trap, which
// carries the eleven message registers in and out, and the UTCB.
#ifndef ARCH_X86_64_SERVER_SEAM_H_
#define ARCH_X86_64_SERVER_SEAM_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"

namespace tine::sys {

inline constexpr u64 kAnswerTag =
    call_tag(NativeOp::kReplyRecv, make_tag(0, kReplyResult));

inline void native_trap(MessageRegisters& registers) {
  u64(&words)[kMessageWords] = registers.words;
  register u64 rdi asm("rdi") = words[0];
  register u64 rsi asm("rsi") = words[1];
  register u64 rdx asm("rdx") = words[2];
  register u64 r10 asm("r10") = words[3];
  register u64 r8 asm("r8") = words[4];
  register u64 r9 asm("r9") = words[5];
  register u64 r12 asm("r12") = words[6];
  register u64 r13 asm("r13") = words[7];
  register u64 rax asm("rax") = registers.tag;
  register u64 r14 asm("r14") = registers.token;
  register u64 r15 asm("r15") = registers.target;
  asm volatile("syscall"
               : "+r"(rdi), "+r"(rsi), "+r"(rdx), "+r"(r10), "+r"(r8), "+r"(r9),
                 "+r"(r12), "+r"(r13), "+r"(rax), "+r"(r14), "+r"(r15)
               :
               : "rcx", "r11", "memory", "cc");
  words[0] = rdi;
  words[1] = rsi;
  words[2] = rdx;
  words[3] = r10;
  words[4] = r8;
  words[5] = r9;
  words[6] = r12;
  words[7] = r13;
  registers.tag = rax;
  registers.token = r14;
  registers.target = r15;
}

// The same for the answer to a program's call, which has one word: the other
// registers go out as they are, which nobody sees.
inline void native_answer(MessageRegisters& in, u64 result, u64 token,
                          u64 endpoint) {
  u64(&words)[kMessageWords] = in.words;
  register u64 rdi asm("rdi") = result;
  register u64 rsi asm("rsi");
  register u64 rdx asm("rdx");
  register u64 r10 asm("r10");
  register u64 r8 asm("r8");
  register u64 r9 asm("r9");
  register u64 r12 asm("r12");
  register u64 r13 asm("r13");
  register u64 rax asm("rax") = kAnswerTag;
  register u64 r14 asm("r14") = token;
  register u64 r15 asm("r15") = endpoint;
  asm volatile("syscall"
               : "+r"(rdi), "=r"(rsi), "=r"(rdx), "=r"(r10), "=r"(r8), "=r"(r9),
                 "=r"(r12), "=r"(r13), "+r"(rax), "+r"(r14), "+r"(r15)
               :
               : "rcx", "r11", "memory", "cc");
  words[0] = rdi;
  words[1] = rsi;
  words[2] = rdx;
  words[3] = r10;
  words[4] = r8;
  words[5] = r9;
  words[6] = r12;
  words[7] = r13;
  in.tag = rax;
  in.token = r14;
  in.target = r15;
}

// The calling thread's, at its fixed place.
inline Utcb& utcb() { return *reinterpret_cast<Utcb*>(kUtcbAddress); }

}  // namespace tine::sys

#endif  // ARCH_X86_64_SERVER_SEAM_H_
