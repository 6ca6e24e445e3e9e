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

constexpr u64 kStackCanary = 0x7b1e'5afe'c0de'57ac;

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

bool canary_holds(const PerCpu& cpu) {
  return cpu.stack_canary == nullptr || *cpu.stack_canary == kStackCanary;
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

// The return addresses on a kernel stack, innermost first, by the chain of
// frame pointers: each points at the one before it, with the address behind.
// What is no address on a kernel stack, and a return to none of the kernel's,
// ends it: a panic must not fault.
void print_backtrace(u64 frame) {
  constexpr unsigned kMost = 64;
  const hw::KernelStacks stacks = hw::kernel_stacks();
  for (unsigned i = 0; i < kMost; ++i) {
    if (frame < stacks.begin || frame >= stacks.end || frame % 16 != 0) return;
    const u64* const link = reinterpret_cast<const u64*>(frame);
    if (static_cast<i64>(link[1]) >= 0) return;
    print_address(link[1]);
    if (link[0] <= frame) return;  // stacks grow down
    frame = link[0];
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

// A fault while a panic is told must not start over.
void begin_panic() {
  if (panicking) end_run(kSystemFailed);
  panicking = true;
}

[[noreturn]] void finish_panic(const hw::TrapFrame* frame) {
  const PerCpu& cpu = hw::this_cpu();
  if (!canary_holds(cpu)) log("the kernel stack's canary is gone");
  if (frame != nullptr) print_registers(*frame);
  if (cpu.current != nullptr) {
    log("current thread: index ", cpu.current->index, " cookie ",
        hex(cpu.current->cookie), " pc ", hex(cpu.current->frame.pc));
  }
  log("backtrace:");
  if (frame != nullptr && static_cast<i64>(frame->pc) < 0) {
    // The kernel's own code was interrupted, maybe on another stack.
    print_backtrace(hw::frame_pointer(*frame));
  } else {
    print_backtrace(hw::frame_pointer());
  }
  log("last steps:");
  print_trace();
  end_run(kSystemFailed);
}

}  // namespace

void end_run(u32 status) {
  log_exit_status(status);
  hw::power_off(status);
}

void panic(const char* what, const hw::TrapFrame* frame) {
  begin_panic();
  log("PANIC: ", what);
  finish_panic(frame);
}

void panic_exception(const char* vector, u64 syndrome, u64 address,
                     const hw::TrapFrame& frame) {
  begin_panic();
  log("PANIC: kernel exception: ", vector, ", syndrome ", hex(syndrome),
      ", address ", hex(address));
  finish_panic(&frame);
}

void set_stack_canary(PerCpu& cpu, u64* lowest_word) {
  *lowest_word = kStackCanary;
  cpu.stack_canary = lowest_word;
}

void check_stack_canary(const PerCpu& cpu) {
  if (!canary_holds(cpu)) [[unlikely]]
    panic("kernel stack overflow");
}

}  // namespace tine
