// A message on its way through the kernel: it stays in registers.
//
// The trap leaves a message in eleven registers, and its receiver wants it in
// the same. So the paths of calls and answers take it as parameters:
// [[clang::preserve_none]] passes nine in x20 to x28, then eight in x0 to x7,
// where the words are.
#ifndef ARCH_AARCH64_REGISTER_MESSAGE_H_
#define ARCH_AARCH64_REGISTER_MESSAGE_H_

#include "kernel/base/types.h"

namespace tine {
struct Thread;
}  // namespace tine

// `thread` is the one that sends, and where the message is passed on, the one
// that gets it. x24 to x28 mean nothing.
#define TINE_MESSAGE_PARAMETERS                                         \
  ::tine::Thread *thread, u64 tag, u64 token, u64 target,               \
      [[maybe_unused]] u64 x24, [[maybe_unused]] u64 x25,               \
      [[maybe_unused]] u64 x26, [[maybe_unused]] u64 x27,               \
      [[maybe_unused]] u64 x28, u64 w0, u64 w1, u64 w2, u64 w3, u64 w4, \
      u64 w5, u64 w6, u64 w7
#define TINE_MESSAGE                                                           \
  thread, tag, token, target, x24, x25, x26, x27, x28, w0, w1, w2, w3, w4, w5, \
      w6, w7

// How functions with these parameters are called, and others that entry code
// calls: they need not keep any register.
#define TINE_BY_REGISTERS [[clang::preserve_none]]

namespace tine::hw {

// Goes to user mode as `thread`, a server that made a kernel call and gets this
// message. Does not come back; returns a Thread like all that entry code calls.
TINE_BY_REGISTERS Thread* resume_with_message(TINE_MESSAGE_PARAMETERS) asm(
    "resume_with_message");

}  // namespace tine::hw

#endif  // ARCH_AARCH64_REGISTER_MESSAGE_H_
