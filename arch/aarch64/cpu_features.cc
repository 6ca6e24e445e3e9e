#include "arch/aarch64/cpu_features.h"

namespace tine::hw {
namespace {

// Feature registers by their encodings: an assembler knows only the names of
// the architecture version that it is told.
#define READ_FEATURES(encoding)             \
  [] {                                      \
    u64 value;                              \
    asm("mrs %0, " encoding : "=r"(value)); \
    return value;                           \
  }()

u64 field(u64 value, unsigned shift) { return value >> shift & 0xf; }

enum Register : u8 { kIsar0, kIsar1, kPfr0, kPfr1, kMmfr2, kRegisters };

// Bit `bit` of hwcap (`word` 1) or hwcap2 (`word` 2) iff the field at `shift`
// is at least `least` (Linux, Documentation/arm64/elf_hwcaps.rst). Left out:
// what needs the kernel's help (SVE, SME, pointer authentication, BTI, MTE,
// emulated feature registers).
struct Capability {
  Register source;
  u8 shift;
  u8 least;
  u8 word;
  u8 bit;
};
constexpr Capability kCapabilities[] = {
    {kIsar0, 4, 1, 1, 3},    // AES
    {kIsar0, 4, 2, 1, 4},    // PMULL
    {kIsar0, 8, 1, 1, 5},    // SHA1
    {kIsar0, 12, 1, 1, 6},   // SHA2
    {kIsar0, 16, 1, 1, 7},   // CRC32
    {kIsar0, 20, 2, 1, 8},   // ATOMICS
    {kIsar0, 28, 1, 1, 12},  // ASIMDRDM
    {kIsar1, 12, 1, 1, 13},  // JSCVT
    {kIsar1, 16, 1, 1, 14},  // FCMA
    {kIsar1, 20, 1, 1, 15},  // LRCPC
    {kIsar1, 0, 1, 1, 16},   // DCPOP
    {kIsar0, 32, 1, 1, 17},  // SHA3
    {kIsar0, 36, 1, 1, 18},  // SM3
    {kIsar0, 40, 1, 1, 19},  // SM4
    {kIsar0, 44, 1, 1, 20},  // ASIMDDP
    {kIsar0, 12, 2, 1, 21},  // SHA512
    {kIsar0, 48, 1, 1, 23},  // ASIMDFHM
    {kPfr0, 48, 1, 1, 24},   // DIT
    {kMmfr2, 32, 1, 1, 25},  // USCAT
    {kIsar1, 20, 2, 1, 26},  // ILRCPC
    {kIsar0, 52, 1, 1, 27},  // FLAGM
    {kPfr1, 4, 2, 1, 28},    // SSBS
    {kIsar1, 36, 1, 1, 29},  // SB
    {kIsar1, 0, 2, 2, 0},    // DCPODP
    {kIsar0, 52, 2, 2, 7},   // FLAGM2
    {kIsar1, 32, 1, 2, 8},   // FRINT
    {kIsar1, 52, 1, 2, 13},  // I8MM
    {kIsar1, 44, 1, 2, 14},  // BF16
    {kIsar1, 48, 1, 2, 15},  // DGH
    {kIsar0, 60, 1, 2, 16},  // RNG
};

// FP and Advanced SIMD count up from 0; 15 is "none", 1 adds half precision.
constexpr unsigned kFpShift = 16;
constexpr unsigned kSimdShift = 20;

}  // namespace

void cpu_features_init() {
  asm volatile(
      "msr cpacr_el1, %0\n\t"    // FP for all; SVE and SME trap
      "msr cntkctl_el1, %1\n\t"  // user mode reads CNTVCT and CNTFRQ
      "msr mdscr_el1, xzr\n\t"   // no debug events
      "msr oslar_el1, xzr\n\t"   // OS lock
      "msr tpidr_el0, xzr\n\t"
      "msr tpidrro_el0, xzr\n\t"
      "isb" ::"r"(u64{3} << 20),
      "r"(u64{1} << 1)
      : "memory");
  const u64 performance_monitors = field(READ_FEATURES("id_aa64dfr0_el1"), 8);
  if (performance_monitors != 0 && performance_monitors != 15) {
    asm volatile("msr pmuserenr_el0, xzr" ::: "memory");
  }
  if (field(READ_FEATURES("id_aa64mmfr1_el1"), 20) != 0) {
    asm volatile(".inst 0xd500419f" ::: "memory");  // msr pan, #1
  }
}

HardwareCapabilities hardware_capabilities() {
  const u64 values[kRegisters] = {
      READ_FEATURES("id_aa64isar0_el1"), READ_FEATURES("id_aa64isar1_el1"),
      READ_FEATURES("id_aa64pfr0_el1"),  READ_FEATURES("id_aa64pfr1_el1"),
      READ_FEATURES("s3_0_c0_c7_2"),
  };
  HardwareCapabilities result;
  const u64 fp = field(values[kPfr0], kFpShift);
  const u64 simd = field(values[kPfr0], kSimdShift);
  if (fp != 15) result.hwcap |= 1 << 0;
  if (simd != 15) result.hwcap |= 1 << 1;
  if (fp == 1) result.hwcap |= 1 << 9;
  if (simd == 1) result.hwcap |= 1 << 10;
  for (const Capability& each : kCapabilities) {
    if (field(values[each.source], each.shift) < each.least) continue;
    (each.word == 1 ? result.hwcap : result.hwcap2) |= u64{1} << each.bit;
  }
  return result;
}

}  // namespace tine::hw
