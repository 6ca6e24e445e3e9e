#include "kernel/ipc/delivery.h"

namespace tine {

void write_event(const Thread& sender, MessageRegisters& to) {
  const hw::TrapFrame& frame = sender.frame;
  to.tag = make_tag(sender.send_label);
  to.target = sender.cookie;
  if (sender.send_label < kLabelKernel) {
    // Forwarded: the sender's own words but for the first, which the forwarding
    // server chose.
    if (sender.kind == ThreadKind::kManaged) {
      write_syscall(sender, to);
    } else {
      write_raw(sender, to);
    }
    to.words[0] = sender.event[0];
    to.tag = make_tag(sender.send_label);
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

void deliver_any(Thread& sender, Thread& receiver) {
  switch (sender.send_label) {
    case kLabelSyscall:
      return deliver<kLabelSyscall>(sender, receiver);
    case kLabelRaw:
      return deliver<kLabelRaw>(sender, receiver);
    default:
      return deliver<kLabelException>(sender, receiver);  // by send_label
  }
}

}  // namespace tine
