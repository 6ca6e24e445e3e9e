// Decodes what entry.S hands over and calls the kernel.
#include "kernel/trap.h"

#include "arch/hw/cpu.h"
#include "arch/hw/debug_unit.h"
#include "arch/hw/interrupts.h"
#include "arch/hw/trap_frame_offsets.h"
#include "kernel/panic.h"
#include "kernel/thread/per_cpu.h"

namespace tine {

static_assert(offsetof(PerCpu, current) == PER_CPU_CURRENT);
static_assert(offsetof(PerCpu, kernel_stack_top) == PER_CPU_KERNEL_STACK_TOP);
static_assert(offsetof(PerCpu, scratch) == PER_CPU_SCRATCH);

namespace hw {
namespace {

enum Vector : u64 {
  kDivideError = 0,
  kDebug = 1,
  kBreakpointTrap = 3,
  kInvalidOpcode = 6,
  kDoubleFault = 8,
  kInvalidTss = 10,
  kSegmentNotPresent = 11,
  kStackFault = 12,
  kGeneralProtection = 13,
  kPageFault = 14,
  kX87 = 16,
  kAlignmentCheck = 17,
  kMachineCheck = 18,
  kSimd = 19,
};

// SDM 3A figure 4-12.
enum PageFaultError : u64 {
  kFaultPresent = 1 << 0,
  kFaultWrite = 1 << 1,
  kFaultUser = 1 << 2,
  kFaultReserved = 1 << 3,
  kFaultFetch = 1 << 4,
};

// RFLAGS.RF: the next instruction meets no breakpoint (SDM 3B 17.3.1.1).
constexpr u64 kResumeFlag = 1 << 16;

VirtAddr fault_address() {
  u64 address;
  asm volatile("mov %%cr2, %0" : "=r"(address));
  return {address};
}

ExceptionKind kind_of(u64 vector) {
  switch (vector) {
    case kDivideError:
      return ExceptionKind::kDivide;
    case kBreakpointTrap:
      return ExceptionKind::kBreakpoint;
    case kInvalidOpcode:
      return ExceptionKind::kIllegalInstruction;
    case kInvalidTss:
    case kSegmentNotPresent:
    case kStackFault:
    case kGeneralProtection:
      return ExceptionKind::kProtection;
    case kX87:
    case kSimd:
      return ExceptionKind::kFloatingPoint;
    case kAlignmentCheck:
      return ExceptionKind::kAlignment;
    default:
      return ExceptionKind::kOther;
  }
}

TINE_BY_REGISTERS Thread* page_fault(Thread& current) {
  const u64 error = current.frame.error_code;
  if (error & kFaultReserved) {
    panic("reserved bit set in a page table", &current.frame);
  }
  // What the CPU does by itself with supervisor rights is refused, and would be
  // for ever: QEMU's far returns read the user's stack so.
  if ((error & (kFaultPresent | kFaultUser)) == kFaultPresent) {
    return trap_exception(current, ExceptionKind::kProtection, fault_address());
  }
  Access access = Access::kRead;
  if (error & kFaultWrite) access = Access::kWrite;
  if (error & kFaultFetch) access = Access::kExecute;
  return trap_page_fault(current, fault_address(), access);
}

// A single step has ended, a breakpoint has been met, both, or an ICEBP.
Thread* debug_exception(Thread& current) {
  u64 status = take_debug_status();
  const u64 met = status & kMetBreakpoints;
  if (met != 0) {
    status &= ~kMetBreakpoints;
    if (const DebugRegisters* own = trap_breakpoint(current)) {
      for (unsigned i = 0; i < DebugRegisters::kCount; ++i) {
        if ((met >> i & 1) == 0 || !own->is_on(i)) continue;
        status |= u64{1} << i;
        // It would be met again for ever.
        if (own->type(i) == BreakpointType::kExecute) {
          current.frame.flags |= kResumeFlag;
        }
      }
      // QEMU's emulator would tell of a watchpoint with the next step again.
      load_debug_registers(*own);
    }
    if (status == 0) return &current;
  }
  return trap_exception(current,
                        (status & kMetStep) != 0
                            ? ExceptionKind::kSingleStep
                            : ExceptionKind::kHardwareBreakpoint,
                        {status});
}

const char* name_of(u64 vector) {
  switch (vector) {
    case kDivideError:
      return "divide error";
    case kInvalidOpcode:
      return "invalid opcode";
    case kDoubleFault:
      return "double fault";
    case kStackFault:
      return "stack fault";
    case kGeneralProtection:
      return "general protection";
    case kPageFault:
      return "page fault";
    case kMachineCheck:
      return "machine check";
    default:
      return "another vector";  // it stands in the frame
  }
}

}  // namespace

// The functions below are called by entry.S only.

extern "C" TINE_BY_REGISTERS Thread* trap_from_user(Thread& current) {
  const u64 vector = current.frame.vector;
  if (vector == kPageFault) return page_fault(current);
  if (vector < VECTOR_FIRST_LINE) {
    if (vector == kDebug) return debug_exception(current);
    return trap_exception(current, kind_of(vector), {});
  }
  u32 line;
  if (!interrupt_acknowledge(vector, line)) return &current;
  return trap_interrupt(current, line);
}

// A pc that user mode cannot have: what IRET, or the fetch after it, would say.
extern "C" Thread* trap_bad_pc(Thread& current) {
  TrapFrame& frame = current.frame;
  const VirtAddr pc{frame.pc};
  const bool is_kernels = static_cast<i64>(pc.value) >> 47 == -1;
  if (is_kernels) {
    frame.vector = kPageFault;
    frame.error_code = kFaultPresent | kFaultUser | kFaultFetch;
    return trap_page_fault(current, pc, Access::kExecute);
  }
  frame.vector = kGeneralProtection;
  frame.error_code = 0;
  return trap_exception(current, ExceptionKind::kBadAddress, pc);
}

// An exception in the kernel, or one that nothing survives.
extern "C" [[noreturn]] void trap_panic(const TrapFrame* frame) {
  panic_exception(name_of(frame->vector), frame->error_code,
                  fault_address().value, *frame);
}

}  // namespace hw
}  // namespace tine
