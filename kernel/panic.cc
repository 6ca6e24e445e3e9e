#include "kernel/panic.h"

#include "arch/hw/backtrace.h"
#include "arch/hw/cpu.h"
#include "arch/hw/power.h"
#include "kernel/log.h"
#include "kernel/symbols.h"
#include "kernel/trace.h"
#include "kernel/trap.h"

namespace tine {
namespace {

constexpr u32 kSystemFailed = 125;  // the run driver's status for our own fault

constinit bool panicking = false;

// The frame as the architecture lays it out; its header file has the order.
void print_registers(const hw::TrapFrame& frame) {
  log("pc ", hex(frame.pc), " sp ", hex(frame.sp), " flags ", hex(frame.flags));
  const auto* words = reinterpret_cast<const u64*>(&frame);
  constexpr unsigned kWords = sizeof(frame) / sizeof(u64);
  constexpr unsigned kPerLine = 4;
  for (unsigned i = 0; i + kPerLine <= kWords; i += kPerLine) {
    log("frame ", i, ": ", hex(words[i]), " ", hex(words[i + 1]), " ",
        hex(words[i + 2]), " ", hex(words[i + 3]));
  }
}

void print_address(u64 address) {
  u64 offset = 0;
  const char* name = find_symbol(address, offset);
  if (name == nullptr) {
    log("  ", hex(address));
  } else {
    log("  ", hex(address), " ", name, "+", hex(offset));
  }
}

// Oldest first.
void print_trace() {
  constexpr u32 kShown = 16;
  const u32 next = trace_ring.next;
  for (u32 i = next < kShown ? 0 : next - kShown; i != next; ++i) {
    const TraceRecord& record = trace_ring.records[i % kTraceRecords];
    log("  ", trace_step_name(record.step), " by thread ", record.party, ": ",
        hex(record.transaction));
  }
}

}  // namespace

void end_run(u32 status) {
  log_exit_status(status);
  hw::power_off(status);
}

void panic(const char* what, const hw::TrapFrame* frame) {
  // A fault in here must not start over.
  if (panicking) end_run(kSystemFailed);
  panicking = true;
  log("PANIC: ", what);
  const PerCpu& cpu = hw::this_cpu();
  if (cpu.stack_canary != nullptr && *cpu.stack_canary != kStackCanary) {
    log("the kernel stack's canary is gone");
  }
  if (frame != nullptr) print_registers(*frame);
  if (cpu.current != nullptr) {
    log("current thread: index ", cpu.current->index, " cookie ",
        hex(cpu.current->cookie), " pc ", hex(cpu.current->frame.pc));
  }
  log("backtrace:");
  if (frame != nullptr && static_cast<i64>(frame->pc) < 0) {
    // The kernel's own code was interrupted, maybe on another stack.
    hw::walk_frames(hw::frame_pointer(*frame), print_address);
  } else {
    hw::walk_frames(hw::frame_pointer(), print_address);
  }
  log("last steps:");
  print_trace();
  end_run(kSystemFailed);
}

void check_stack_canary(const PerCpu& cpu) {
  if (cpu.stack_canary != nullptr && *cpu.stack_canary != kStackCanary)
      [[unlikely]] {
    panic("kernel stack overflow");
  }
}

}  // namespace tine
