// What happened to the user's program, for the kernel proper (kernel/trap.h).
#include "kernel/trap.h"

#include "arch/hw/interrupts.h"
#include "arch/hw/single_step.h"
#include "arch/hw/tlb.h"

namespace tine::hw {
namespace {

// Exception classes, ESR_EL1.EC (Arm ARM D19.2.37). Those not here are
// instructions that the kernel does not offer, or that do not exist.
enum ExceptionClass : u32 {
  kIllegalState = 0x0e,
  kInstructionAbort = 0x20,
  kMisalignedPc = 0x22,
  kDataAbort = 0x24,
  kMisalignedSp = 0x26,
  kFloatingPointTrap = 0x2c,
  kSError = 0x2f,
  kHardwareBreakpoint = 0x30,
  kSoftwareStep = 0x32,
  kWatchpoint = 0x34,
  kBrk = 0x3c,
};

// Fault status without the level, and whole ones.
constexpr u32 kStatusClass = 0x3c;
constexpr u32 kTranslation = 0x04;
constexpr u32 kAccessFlag = 0x08;
constexpr u32 kPermission = 0x0c;
constexpr u32 kStatus = 0x3f;
constexpr u32 kAlignment = 0x21;
constexpr u32 kTlbConflict = 0x30;

// Without the top byte, which the CPU did not look at (TCR_EL1.TBI0).
VirtAddr fault_address() {
  u64 address;
  asm volatile("mrs %0, far_el1" : "=r"(address));
  return {static_cast<u64>(static_cast<i64>(address << 8) >> 8)};
}

TINE_BY_REGISTERS Thread* take_abort(Thread& thread, u32 syndrome,
                                     Access access) {
  const VirtAddr address = fault_address();
  switch (syndrome & kStatusClass) {
    case kTranslation:
    case kAccessFlag:
    case kPermission:
      return trap_page_fault(thread, address, access);
  }
  switch (syndrome & kStatus) {
    case kAlignment:
      return trap_exception(thread, ExceptionKind::kAlignment, address);
    case kTlbConflict:
      invalidate_all();
      return &thread;
  }
  // The memory system refused, or cannot do this there.
  return trap_exception(thread, ExceptionKind::kOther, address);
}

Thread* take_breakpoint(Thread& thread, VirtAddr address) {
  if (trap_breakpoint(thread) == nullptr) return &thread;
  return trap_exception(thread, ExceptionKind::kHardwareBreakpoint, address);
}

Access data_access(u32 syndrome) {
  // Cache maintenance says "write", but needs no right to (Arm ARM D8.14.1).
  const bool write = (syndrome >> 6 & 1) != 0;
  const bool maintenance = (syndrome >> 8 & 1) != 0;
  return write && !maintenance ? Access::kWrite : Access::kRead;
}

}  // namespace

extern "C" {

TINE_BY_REGISTERS Thread* aarch64_user_exception(Thread* thread, u64 syndrome) {
  const u32 esr = static_cast<u32>(syndrome);
  const VirtAddr pc{thread->frame.pc};
  switch (esr >> 26) {
    case kDataAbort:
      return take_abort(*thread, esr, data_access(esr));
    case kInstructionAbort:
      // A misaligned pc comes first (Arm ARM D1.3.5), but not on all emulators.
      if (pc.value % 4 == 0) {
        return take_abort(*thread, esr, Access::kExecute);
      }
      [[fallthrough]];
    case kMisalignedPc:
      return trap_exception(*thread, ExceptionKind::kAlignment, pc);
    case kMisalignedSp:
      return trap_exception(*thread, ExceptionKind::kAlignment,
                            VirtAddr{thread->frame.sp});
    case kBrk:
      return trap_exception(*thread, ExceptionKind::kBreakpoint, pc);
    case kHardwareBreakpoint:
      return take_breakpoint(*thread, pc);
    case kWatchpoint:
      return take_breakpoint(*thread, fault_address());
    case kIllegalState:
      begin_step(*thread);
      return trap_comes_back(*thread);
    case kSoftwareStep:
      if (!end_step(*thread)) return thread;
      return trap_exception(*thread, ExceptionKind::kSingleStep, pc);
    case kFloatingPointTrap:
      return trap_exception(*thread, ExceptionKind::kFloatingPoint, pc);
    case kSError:
      return trap_exception(*thread, ExceptionKind::kOther, pc);
    default:
      return trap_exception(*thread, ExceptionKind::kIllegalInstruction, pc);
  }
}

Thread* aarch64_user_irq(Thread* thread) {
  const u32 line = interrupt_acknowledge();
  // It may have gone away before it was acknowledged.
  return line == kNoLine ? thread : trap_interrupt(*thread, line);
}

// FIQ or SError: an error of the memory system that came late.
Thread* aarch64_user_other(Thread* thread) {
  return trap_exception(*thread, ExceptionKind::kOther,
                        VirtAddr{thread->frame.pc});
}

}  // extern "C"

}  // namespace tine::hw
