// An exception taken from the kernel itself: a fault of ours, always the end.
#include "arch/hw/power.h"
#include "kernel/trap.h"

namespace tine::hw {
namespace {

const char* const kVectors[] = {
    "synchronous, SP_EL0", "IRQ, SP_EL0", "FIQ, SP_EL0", "SError, SP_EL0",
    "synchronous",         "IRQ",         "FIQ",         "SError",
    "not of the kernel",
};

// A panic's text, without a place to allocate.
class Text {
 public:
  void add(const char* text) {
    while (*text != '\0' && length_ < sizeof(bytes_) - 1) {
      bytes_[length_++] = *text++;
    }
  }
  void add_hex(u64 value) {
    add("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
      const char digit[] = {"0123456789abcdef"[value >> shift & 15], '\0'};
      add(digit);
    }
  }
  const char* text() const { return bytes_; }

 private:
  char bytes_[160] = {};
  usize length_ = 0;
};

Text text;
bool panicking = false;

}  // namespace

extern "C" [[noreturn]] void aarch64_kernel_exception(const TrapFrame* frame,
                                                      u64 vector) {
  // Once: a fault while it is being reported ends the machine silently.
  if (panicking) power_off(125);
  panicking = true;
  u64 esr, far;
  asm volatile("mrs %0, esr_el1" : "=r"(esr));
  asm volatile("mrs %0, far_el1" : "=r"(far));
  text.add("kernel exception: ");
  text.add(kVectors[vector < 8 ? vector : 8]);
  text.add(", esr ");
  text.add_hex(esr);
  text.add(", far ");
  text.add_hex(far);
  panic(text.text(), frame);
}

}  // namespace tine::hw
