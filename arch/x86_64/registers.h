// Model-specific registers, control registers, CPUID and ports.
#ifndef ARCH_X86_64_REGISTERS_H_
#define ARCH_X86_64_REGISTERS_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/base/types.h"

namespace tine::hw {

enum class Msr : u32 {
  kApicBase = 0x1b,
  kSysenterCs = 0x174,
  kEfer = 0xc000'0080,
  kStar = 0xc000'0081,
  kLstar = 0xc000'0082,
  kCstar = 0xc000'0083,
  kSfmask = 0xc000'0084,
  kFsBase = 0xc000'0100,
  kGsBase = 0xc000'0101,
};

inline u64 read_msr(Msr msr) {
  u32 low, high;
  asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return u64{high} << 32 | low;
}

inline void write_msr(Msr msr, u64 value) {
  asm volatile("wrmsr"
               :
               : "c"(msr), "a"(static_cast<u32>(value)),
                 "d"(static_cast<u32>(value >> 32))
               : "memory");
}

struct Cpuid {
  u32 a, b, c, d;
};

inline Cpuid cpuid(u32 leaf, u32 subleaf = 0) {
  Cpuid r;
  asm volatile("cpuid"
               : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
               : "a"(leaf), "c"(subleaf));
  return r;
}

inline u64 read_tsc() {
  u32 low, high;
  // The fence keeps the read from moving over those around it (SDM 3B 18.17).
  asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return u64{high} << 32 | low;
}

inline void out8(u16 port, u8 value) {
  asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
inline void out16(u16 port, u16 value) {
  asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
inline void out32(u16 port, u32 value) {
  asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
inline u8 in8(u16 port) {
  u8 value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

// Whether CR4.FSGSBASE is on: set once at boot, by cpu.cc.
extern bool fsgsbase_enabled;

}  // namespace tine::hw

#endif  // ARCH_X86_64_REGISTERS_H_
