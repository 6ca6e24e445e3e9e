// Message registers: what a native call carries, and how redirected system
// calls, faults and exceptions of managed threads look to their server.
//
// Both architectures keep the same eleven registers at the start of the trap
// frame, so a system call's arguments never move:
//   words 0..7   x86-64 rdi rsi rdx r10 r8 r9 r12 r13   AArch64 x0..x7
//   tag          x86-64 rax                             AArch64 x8
//   token        x86-64 r14                             AArch64 x9
//   target       x86-64 r15                             AArch64 x10
#ifndef KERNEL_ABI_MESSAGE_H_
#define KERNEL_ABI_MESSAGE_H_

#include "kernel/base/types.h"

namespace tine {

inline constexpr unsigned kMessageWords = 8;

// In a native call `token` is the reply token to answer (or 0) and `target` the
// handle called or received on. On return from a receive `token` names the
// caller's awaited reply and `target` is the badge of the sender.
struct MessageRegisters {
  u64 words[kMessageWords];
  u64 tag;
  u64 token;
  u64 target;
};

// Tag: label in bits 0..15, flags in bits 16..23, native operation in bits
// 24..31 (only on the way in; the kernel strips it).
constexpr u64 make_tag(u16 label, u8 flags = 0) {
  return u64{label} | u64{flags} << 16;
}
constexpr u16 tag_label(u64 tag) { return static_cast<u16>(tag); }
constexpr u8 tag_flags(u64 tag) { return static_cast<u8>(tag >> 16); }

// Native operations (bits 24..31 of the tag). Only server threads can issue
// them; any trap of a managed thread is a Linux system call.
enum class NativeOp : u8 {
  kCall = 1,       // send to endpoint `target`, await the reply
  kReplyRecv = 2,  // answer `token` (0: none), then receive on `target`
  kBatch = 3,      // run words[0] operations of the UTCB: words[0] = status,
                   // words[1] = index of the operation that failed,
                   // words[2] = progress or fault address (see batch.h)
  kBatchReplyRecv = 4,  // UTCB `count` operations, and iff all succeed the
                        // same as kReplyRecv; on failure returns at once with
                        // label kLabelError, words as for kBatch
  kClock = 5,           // words[0] = monotonic nanoseconds
  kDebug = 6,           // see debug.h
  kCopy = 7,  // words[0] = to which end (batch.h), [1] = address there,
              // [2] = from which end, [3] = address, [4] = bytes, at
              // most kMaxCopyBytes: words[0] = status, [1] = bytes
              // done. kFault stops there, and kNoMemory: [2] =
              // address, [3] = badge of its space
  // The same for what a message itself can hold. words[0] = the other end, [1]
  // = address there, [2] = bytes, at most kMaxPeekBytes, which are words[3..7].
  kPeek = 8,  // words[0] = status; kTooLarge also where a page ends between
  kPoke = 9,
  kPokeReplyRecv = 10,  // kPoke to the caller that `token` names, then
                        // kReplyRecv with words[0]. If the bytes cannot go
                        // there at once: label kLabelError and all words as
                        // they were
};
inline constexpr unsigned kPeekWord = 3;
inline constexpr u64 kMaxPeekBytes = (kMessageWords - kPeekWord) * sizeof(u64);
// The tag of a native call.
constexpr u64 call_tag(NativeOp op, u64 tag = make_tag(0)) {
  return tag | u64{static_cast<u8>(op)} << 24;
}
constexpr NativeOp tag_operation(u64 tag) {
  return static_cast<NativeOp>(static_cast<u8>(tag >> 24));
}

// Labels from kLabelKernel up are made by the kernel only and are refused in
// kCall.
inline constexpr u16 kLabelKernel = 0xF000;

// A managed thread's system call. words[0..5] = arguments, words[6] = badge of
// its space, words[7] = number; target = the thread's cookie.
inline constexpr u16 kLabelSyscall = 0xF001;
// A page fault the kernel could not resolve. words[0] = address, words[1] =
// Access, words[2] = pc, words[3] = sp, words[6] = badge of the space; target =
// cookie. Answer with kReplyResume (retry) or kReplyRaise.
inline constexpr u16 kLabelFault = 0xF002;
// An exception. words[0] = ExceptionKind, words[1] = address, words[2] = pc,
// words[6] = badge of the space; target = cookie.
inline constexpr u16 kLabelException = 0xF003;
// Another server answered this thread's call with kReplyRaise: words[0..3] as
// it gave them; words[6] = badge of the space; target = cookie.
inline constexpr u16 kLabelRaised = 0xF004;
// A bound notification: words[0] = the bits, token = 0.
inline constexpr u16 kLabelNotification = 0xF005;
// The call failed in the kernel: words[0] = Status.
inline constexpr u16 kLabelError = 0xF006;
// A server thread faulted (to its exception endpoint, held by root): words[0] =
// address, words[1] = ExceptionKind, words[2] = pc; target = thread badge.
inline constexpr u16 kLabelServerFault = 0xF007;
// kThreadInterrupt brought the thread here: words[2] = pc, words[3] = sp,
// words[6] = badge of the space; target = cookie. It is in no call; one that it
// had begun is made again. Answer with kReplyResume.
inline constexpr u16 kLabelAttention = 0xF008;

// How a server answers a managed thread (tag flags of the reply). For a caller
// that is a server, words and tag are delivered as they are.
enum ReplyFlag : u8 {
  kReplyResult = 0,   // words[0] becomes the system call's result
  kReplyResume = 1,   // registers stay as they are (fault fixed, sigreturn)
  kReplyRestart = 2,  // pc goes back onto the trap instruction
  kReplyRaise = 3,    // hand the thread to its process server: kLabelRaised
  kReplyYield = 4,    // kReplyResult, and it queues behind all of its priority
};

enum class Access : u8 { kRead = 0, kWrite = 1, kExecute = 2 };

enum class ExceptionKind : u8 {
  kIllegalInstruction = 1,
  kBreakpoint = 2,
  kSingleStep = 3,
  kDivide = 4,
  kFloatingPoint = 5,
  kAlignment = 6,   // misaligned pc or sp, or a strict-alignment fault
  kProtection = 7,  // x86 #GP, #SS, #NP: no address
  kBadAddress = 8,  // outside what any space can map; address is given
  kOther = 9,
  // A breakpoint or watchpoint of the thread's own (batch.h). Its address, or
  // that of the access; on x86-64 what DR6 says, with kSingleStep as well.
  kHardwareBreakpoint = 10,
};

}  // namespace tine

#endif  // KERNEL_ABI_MESSAGE_H_
