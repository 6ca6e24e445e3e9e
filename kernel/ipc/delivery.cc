#include "kernel/ipc/delivery.h"

namespace tine {
namespace {

// A managed thread's system call: arguments stay in the words they came in.
void write_syscall(const Thread& sender, MessageRegisters& to) {
  const MessageRegisters& from = sender.frame.message;
  for (unsigned i = 0; i < 6; ++i) to.words[i] = from.words[i];
  to.words[6] = sender.space->badge;
  to.words[7] = syscall_number(from.tag);
  to.target = sender.cookie;
}

// A server's own message.
void write_raw(const Thread& sender, MessageRegisters& to) {
  const MessageRegisters& from = sender.frame.message;
  for (unsigned i = 0; i < kMessageWords; ++i) to.words[i] = from.words[i];
  to.target = sender.send_badge;
}

// Any other: faults, exceptions, raises, forwarded calls.
void write_event(const Thread& sender, MessageRegisters& to) {
  const hw::TrapFrame& frame = sender.frame;
  to.target = sender.cookie;
  if (sender.send_label < kLabelKernel) {
    // Forwarded: a program's call, but for its first word, which the forwarding
    // server chose.
    write_syscall(sender, to);
    to.words[0] = sender.event[0];
    return;
  }
  for (unsigned i = 0; i < 4; ++i) to.words[i] = sender.event[i];
  to.words[4] = 0;
  to.words[5] = 0;
  to.words[6] = sender.space->badge;
  to.words[7] = 0;
  if (sender.send_label == kLabelRaised) return;
  to.words[2] = frame.pc;
  to.words[3] = frame.sp;
}

}  // namespace

void deliver(Thread& sender, Thread& receiver) {
  MessageRegisters& to = receiver.frame.message;
  to.tag = make_tag(sender.send_label);
  switch (sender.send_label) {
    case kLabelSyscall:
      write_syscall(sender, to);
      break;
    case kLabelRaw:
      write_raw(sender, to);
      to.tag = sender.frame.message.tag & kTagMask;
      break;
    default:
      write_event(sender, to);
  }
  to.token = hold(sender, receiver);
}

}  // namespace tine
