#include "kernel/interrupt.h"

#include "kernel/ipc/notification.h"
#include "kernel/panic.h"
#include "kernel/thread/scheduler.h"
#include "kernel/trap.h"

namespace tine {

constinit Interrupt uart_interrupt{};

void handle_interrupt(PerCpu& cpu, u32 line) {
  check_stack_canary(cpu);
  if (line == kTimerLine) {
    timer_interrupt(cpu);
  } else if (line == uart_interrupt.line &&
             uart_interrupt.notification != nullptr) {
    notify(*uart_interrupt.notification, uart_interrupt.bits);
  }
}

}  // namespace tine
