#include "arch/x86_64/reference_clock.h"

#include "arch/hw/phys_map.h"
#include "arch/hw/registers.h"
#include "arch/x86_64/machine.h"

namespace tine::hw {
namespace {

constexpr u64 kFemtosecondsPerNs = 1'000'000;

u64 period_fs = 0;  // of the clock in use
u64 start = 0;      // its count at the start
bool use_hpet = false;

// ---- HPET (IA-PC HPET specification 1.0a, 2.3) ------------------------------
enum HpetRegister : u64 { kCapabilities = 0, kConfiguration = 0x10 };
constexpr u64 kMainCounter = 0xf0;
constexpr u64 kHpetEnable = 1;
constexpr u64 kMaxPeriodFs = 100'000'000;  // the specification's

u64 hpet_read(u64 reg) {
  return *reinterpret_cast<volatile u64*>(phys_to_virt(machine.hpet + reg));
}

void hpet_write(u64 reg, u64 value) {
  *reinterpret_cast<volatile u64*>(phys_to_virt(machine.hpet + reg)) = value;
}

bool hpet_start() {
  if (machine.hpet.value == 0) return false;
  const u64 period = hpet_read(kCapabilities) >> 32;
  if (period == 0 || period > kMaxPeriodFs) return false;
  hpet_write(kConfiguration, hpet_read(kConfiguration) | kHpetEnable);
  period_fs = period;
  return true;
}

// ---- PIT channel 2, counting down from 65536 (8254) -------------------------
constexpr u16 kPitChannel2 = 0x42;
constexpr u16 kPitCommand = 0x43;
constexpr u16 kPitGate = 0x61;
constexpr u8 kPitMode0 = 0xb0;             // channel 2, both bytes, count once
constexpr u8 kPitLatch = 0x80;             // channel 2
constexpr u64 kPitPeriodFs = 838'095'345;  // 1.193182 MHz

void pit_start() {
  out8(kPitGate, static_cast<u8>((in8(kPitGate) & ~2) | 1));  // gate, no sound
  out8(kPitCommand, kPitMode0);
  out8(kPitChannel2, 0xff);
  out8(kPitChannel2, 0xff);
  period_fs = kPitPeriodFs;
}

u64 pit_count() {
  out8(kPitCommand, kPitLatch);
  const u32 low = in8(kPitChannel2);
  return 0xffff - (u32{in8(kPitChannel2)} << 8 | low);
}

u64 count() {
  // A 32-bit HPET reads zero above; no window comes near its wrap.
  return use_hpet ? hpet_read(kMainCounter) : pit_count();
}

}  // namespace

void reference_clock_start() {
  use_hpet = hpet_start();
  if (!use_hpet) pit_start();
  start = count();
}

u64 reference_clock_ns() {
  return (count() - start) * period_fs / kFemtosecondsPerNs;
}

u64 reference_clock_resolution_ns() {
  return period_fs / kFemtosecondsPerNs + 1;
}

}  // namespace tine::hw
