// Making a sender's message in the receiver's registers.
#ifndef KERNEL_IPC_DELIVERY_H_
#define KERNEL_IPC_DELIVERY_H_

#include "kernel/abi/status.h"
#include "kernel/ipc/reply.h"
#include "kernel/memory/space.h"
#include "kernel/thread/thread.h"

namespace tine {

// Linux takes the low 32 bits only, on either architecture.
constexpr u64 syscall_number(u64 tag) { return static_cast<u32>(tag); }

// Makes the message of `sender` by its label, all of it from what the thread
// keeps, and makes it wait for the receiver's answer. A message that was never
// kept, since its receiver was waiting, takes the way of transfer.h.
void deliver(Thread& sender, Thread& receiver);

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
