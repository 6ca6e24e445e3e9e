// An exception taken from the kernel itself: a fault of ours, always the end.
#include "kernel/panic.h"

namespace tine::hw {
namespace {

const char* const kVectors[] = {
    "synchronous, SP_EL0", "IRQ, SP_EL0", "FIQ, SP_EL0", "SError, SP_EL0",
    "synchronous",         "IRQ",         "FIQ",         "SError",
    "not of the kernel",
};

}  // namespace

extern "C" [[noreturn]] void aarch64_kernel_exception(const TrapFrame* frame,
                                                      u64 vector) {
  u64 esr, far;
  asm volatile("mrs %0, esr_el1" : "=r"(esr));
  asm volatile("mrs %0, far_el1" : "=r"(far));
  panic_exception(kVectors[vector < 8 ? vector : 8], esr, far, *frame);
}

}  // namespace tine::hw
