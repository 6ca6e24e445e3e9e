// A message on its way through the kernel: it stays in registers.
//
// The trap leaves a message in eleven registers, and its receiver wants it in
// the same. So the paths of calls and answers take it as parameters:
// [[clang::preserve_none]] passes twelve in registers, which in this order are
// the trap's own, but for word 3, which moves from r10 to rcx and back.
#ifndef ARCH_X86_64_REGISTER_MESSAGE_H_
#define ARCH_X86_64_REGISTER_MESSAGE_H_

#include "kernel/base/types.h"

namespace tine {
struct Thread;
}  // namespace tine

// In r12 r13 r14 r15, rdi rsi rdx rcx r8 r9, r11, rax. `thread` is the one that
// sends, and where the message is passed on, the one that gets it.
#define TINE_MESSAGE_PARAMETERS                                          \
  u64 w6, u64 w7, u64 token, u64 target, u64 w0, u64 w1, u64 w2, u64 w3, \
      u64 w4, u64 w5, ::tine::Thread *thread, u64 tag
#define TINE_MESSAGE w6, w7, token, target, w0, w1, w2, w3, w4, w5, thread, tag

// How functions with these parameters are called, and others that entry code
// calls: they need not keep any register.
#define TINE_BY_REGISTERS [[clang::preserve_none]]

namespace tine::hw {

// Goes to user mode as `thread`, a server that made a kernel call and gets this
// message. Does not come back; returns a Thread like all that entry code calls.
TINE_BY_REGISTERS Thread* resume_with_message(TINE_MESSAGE_PARAMETERS) asm(
    "resume_with_message");

}  // namespace tine::hw

#endif  // ARCH_X86_64_REGISTER_MESSAGE_H_
