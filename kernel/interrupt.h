// Device interrupts, delivered as notifications.
#ifndef KERNEL_INTERRUPT_H_
#define KERNEL_INTERRUPT_H_

#include "kernel/base/object.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

struct Notification;

// A line. It stays masked from its interrupt to the server's kInterruptAck.
struct Interrupt {
  Object object;
  u32 line;
  Notification* notification;
  u64 bits;
};

// The machine's one device that raises interrupts.
extern Interrupt uart_interrupt;

// What an interrupt makes ready is ready; nobody is switched to.
void handle_interrupt(PerCpu& cpu, u32 line);

}  // namespace tine

#endif  // KERNEL_INTERRUPT_H_
