// Making a sender's message in the receiver's registers.
#ifndef KERNEL_IPC_DELIVERY_H_
#define KERNEL_IPC_DELIVERY_H_

#include "kernel/abi/status.h"
#include "kernel/debug.h"
#include "kernel/ipc/reply.h"
#include "kernel/memory/space.h"
#include "kernel/thread/thread.h"

namespace tine {

// A managed thread's system call: arguments stay in the words they came in.
inline void write_syscall(const Thread& sender, MessageRegisters& to) {
  const MessageRegisters& from = sender.frame.message;
  for (unsigned i = 0; i < 6; ++i) to.words[i] = from.words[i];
  to.words[6] = sender.space->badge;
  to.words[7] = hw::syscall_number(sender.frame);
  to.tag = make_tag(kLabelSyscall);
  to.target = sender.cookie;
}

// A server's own message.
inline void write_raw(const Thread& sender, MessageRegisters& to) {
  const MessageRegisters& from = sender.frame.message;
  for (unsigned i = 0; i < kMessageWords; ++i) to.words[i] = from.words[i];
  to.tag = from.tag & kTagMask;
  to.target = sender.send_badge;
}

// Any other: faults, exceptions, raises, forwarded calls.
void write_event(const Thread& sender, MessageRegisters& to);

// Makes the message, and the sender wait for the receiver's answer.
template <u16 kLabel>
[[gnu::always_inline]] inline void deliver(Thread& sender, Thread& receiver) {
  MessageRegisters& to = receiver.frame.message;
  if constexpr (kLabel == kLabelSyscall) {
    write_syscall(sender, to);
  } else if constexpr (kLabel == kLabelRaw) {
    write_raw(sender, to);
  } else {
    write_event(sender, to);
  }
  to.token = hold(sender, receiver);
  ++counters.messages;
}

// The same for a sender whose label is known only now: one that has queued.
void deliver_any(Thread& sender, Thread& receiver);

// The answer of a call that failed in the kernel.
inline void set_error(MessageRegisters& message, Status status) {
  message.words[0] = static_cast<u64>(static_cast<i64>(status));
  message.tag = make_tag(kLabelError);
  message.token = 0;
}

// A bound notification's bits, to a receiver.
inline void deliver_notification(u64 bits, Thread& receiver) {
  MessageRegisters& to = receiver.frame.message;
  for (u64& word : to.words) word = 0;
  to.words[0] = bits;
  to.tag = make_tag(kLabelNotification);
  to.token = 0;
  to.target = 0;
}

}  // namespace tine

#endif  // KERNEL_IPC_DELIVERY_H_
