#include "arch/hw/cpu.h"

#include "arch/hw/debug_unit.h"
#include "arch/hw/interrupts.h"
#include "arch/hw/registers.h"

namespace tine::hw {

bool fsgsbase_enabled = false;

namespace {

enum Cr0 : u64 {
  kProtection = 1 << 0,
  kMonitor = 1 << 1,
  kExtensionType = 1 << 4,
  kNumericError = 1 << 5,
  kWriteProtect = 1 << 16,
  kAlignmentMask = 1 << 18,
  kPaging = u64{1} << 31,
};

enum Cr4 : u64 {
  kPhysicalExtension = 1 << 5,
  kMachineCheck = 1 << 6,
  kGlobalPages = 1 << 7,
  kFxsave = 1 << 9,
  kSimdExceptions = 1 << 10,
  kUmip = 1 << 11,
  kFsgsbase = 1 << 16,
  kSmep = 1 << 20,
  kSmap = 1 << 21,
};

// RFLAGS bits that SYSCALL clears: TF IF DF NT AC.
constexpr u64 kSyscallMask = 1 << 8 | 1 << 9 | 1 << 10 | 1 << 14 | 1 << 18;
constexpr u64 kEferSyscall = 1 << 0;

constexpr u64 kHwcap2Fsgsbase = 1 << 1;

extern "C" const u8 syscall_entry[];
extern "C" const u8 compat_syscall_entry[];

void enable_syscall() {
  write_msr(Msr::kEfer, read_msr(Msr::kEfer) | kEferSyscall);
  // SYSCALL loads kernel code and the selector after it; SYSRET user data from
  // base + 8 and user code from base + 16.
  constexpr u64 sysret_base = SELECTOR_USER_DATA - 8;
  static_assert(SELECTOR_KERNEL_DATA == SELECTOR_KERNEL_CODE + 8);
  static_assert(SELECTOR_USER_CODE == sysret_base + 16);
  write_msr(Msr::kStar, sysret_base << 48 | u64{SELECTOR_KERNEL_CODE} << 32);
  write_msr(Msr::kLstar, reinterpret_cast<u64>(syscall_entry));
  write_msr(Msr::kCstar, reinterpret_cast<u64>(compat_syscall_entry));
  write_msr(Msr::kSfmask, kSyscallMask);
  write_msr(Msr::kSysenterCs, 0);  // SYSENTER gives #GP
}

}  // namespace

void cpu_init() {
  const u64 cr0 = kProtection | kMonitor | kExtensionType | kNumericError |
                  kWriteProtect | kAlignmentMask | kPaging;
  asm volatile("mov %0, %%cr0" : : "r"(cr0));

  u64 cr4 = kPhysicalExtension | kMachineCheck | kGlobalPages | kFxsave |
            kSimdExceptions;
  if (cpuid(0).a >= 7) {
    const Cpuid features = cpuid(7);
    if (features.b & 1 << 0) cr4 |= kFsgsbase;
    if (features.b & 1 << 7) cr4 |= kSmep;
    if (features.b & 1 << 20) cr4 |= kSmap;
    if (features.c & 1 << 2) cr4 |= kUmip;
  }
  fsgsbase_enabled = cr4 & kFsgsbase;
  asm volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
  clear_debug_registers();
  enable_syscall();
}

u64 cpu_hwcap() { return cpuid(1).d; }
u64 cpu_hwcap2() { return fsgsbase_enabled ? kHwcap2Fsgsbase : 0; }

u32 wait_for_interrupt() {
  for (;;) {
    // The interrupt's stub leaves the vector in rax and interrupts off. An NMI
    // ends hlt too and leaves rax alone. STI holds interrupts off for one more
    // instruction, so none can come before hlt and be slept through.
    u64 vector = 0;
    asm volatile("sti; hlt; cli" : "+a"(vector) : : "memory", "cc");
    u32 line;
    if (vector != 0 && interrupt_acknowledge(vector, line)) return line;
  }
}

void halt() {
  for (;;) asm volatile("cli; hlt");
}

}  // namespace tine::hw
