// The seam under servers/runtime/sys.h as it is in the guest: the trap, which
// carries the eleven message registers in and out, and the UTCB.
#ifndef ARCH_AARCH64_SERVER_SEAM_H_
#define ARCH_AARCH64_SERVER_SEAM_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"

namespace tine::sys {

inline constexpr u64 kAnswerTag =
    call_tag(NativeOp::kReplyRecv, make_tag(0, kReplyResult));

// Loads the message registers, traps, stores them back; the kernel changes no
// others.
inline void native_trap(MessageRegisters& message) {
  register u64 x0 asm("x0") = message.words[0];
  register u64 x1 asm("x1") = message.words[1];
  register u64 x2 asm("x2") = message.words[2];
  register u64 x3 asm("x3") = message.words[3];
  register u64 x4 asm("x4") = message.words[4];
  register u64 x5 asm("x5") = message.words[5];
  register u64 x6 asm("x6") = message.words[6];
  register u64 x7 asm("x7") = message.words[7];
  register u64 x8 asm("x8") = message.tag;
  register u64 x9 asm("x9") = message.token;
  register u64 x10 asm("x10") = message.target;
  asm volatile("svc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5),
                 "+r"(x6), "+r"(x7), "+r"(x8), "+r"(x9), "+r"(x10)::"memory");
  message.words[0] = x0;
  message.words[1] = x1;
  message.words[2] = x2;
  message.words[3] = x3;
  message.words[4] = x4;
  message.words[5] = x5;
  message.words[6] = x6;
  message.words[7] = x7;
  message.tag = x8;
  message.token = x9;
  message.target = x10;
}

// The same for the answer to a program's call, which has one word: the other
// registers go out as they are, which nobody sees.
inline void native_answer(MessageRegisters& message, u64 result, u64 token,
                          u64 endpoint) {
  register u64 x0 asm("x0") = result;
  register u64 x1 asm("x1");
  register u64 x2 asm("x2");
  register u64 x3 asm("x3");
  register u64 x4 asm("x4");
  register u64 x5 asm("x5");
  register u64 x6 asm("x6");
  register u64 x7 asm("x7");
  register u64 x8 asm("x8") = kAnswerTag;
  register u64 x9 asm("x9") = token;
  register u64 x10 asm("x10") = endpoint;
  asm volatile("svc #0"
               : "+r"(x0), "=r"(x1), "=r"(x2), "=r"(x3), "=r"(x4), "=r"(x5),
                 "=r"(x6), "=r"(x7), "+r"(x8), "+r"(x9), "+r"(x10)::"memory");
  message.words[0] = x0;
  message.words[1] = x1;
  message.words[2] = x2;
  message.words[3] = x3;
  message.words[4] = x4;
  message.words[5] = x5;
  message.words[6] = x6;
  message.words[7] = x7;
  message.tag = x8;
  message.token = x9;
  message.target = x10;
}

// The calling thread's, at its fixed place.
inline Utcb& utcb() { return *reinterpret_cast<Utcb*>(kUtcbAddress); }

}  // namespace tine::sys

#endif  // ARCH_AARCH64_SERVER_SEAM_H_
