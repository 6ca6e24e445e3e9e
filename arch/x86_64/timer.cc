#include "arch/hw/timer.h"

#include "arch/hw/registers.h"
#include "arch/x86_64/local_apic.h"
#include "arch/x86_64/reference_clock.h"
#include "kernel/trap.h"

namespace tine::hw {
namespace {

constexpr u64 kSecond = 1'000'000'000;
constexpr u64 kMhz = 1'000'000;
constexpr u32 kDivideBy1 = 0xb;
constexpr u32 kMaxCount = ~u32{0};

// Times 2^32: nanoseconds per TSC tick, and timer counts per nanosecond.
u64 ns_per_tick = 0;
u64 counts_per_ns = 0;
u64 tsc_start = 0;
u64 deadline = 0;  // 0: none is set

u64 multiply_shift_32(u64 value, u64 factor) {
  return static_cast<u64>(static_cast<unsigned __int128>(value) * factor >> 32);
}

// All three clocks at one moment, which lies within `uncertainty` ns.
struct Sample {
  u64 reference_ns;
  u64 tsc;
  u32 timer;
  u64 uncertainty;
};

Sample take_sample() {
  Sample sample;
  const u64 before = reference_clock_ns();
  sample.tsc = read_tsc();
  sample.timer = local_apic_read(LocalApic::kTimerCurrent);
  sample.reference_ns = reference_clock_ns();
  sample.uncertainty =
      sample.reference_ns - before + reference_clock_resolution_ns();
  return sample;
}

// The CPU may be a virtual one and lose the host's between two reads: the
// tightest of a few samples is taken.
Sample take_best_sample() {
  Sample best = take_sample();
  for (int i = 0; i < 7; ++i) {
    const Sample sample = take_sample();
    if (sample.uncertainty < best.uncertainty) best = sample;
  }
  return best;
}

void spin() {
  for (int i = 0; i < 10'000; ++i) asm volatile("");
}

// In Hz. A whole number of MHz that the measurement cannot tell from what was
// measured is taken for the truth; so an emulator's clock comes out exact.
u64 frequency(u64 ticks, u64 elapsed_ns, u64 uncertainty_ns) {
  const u64 measured = ticks * kSecond / elapsed_ns;
  const u64 slack = measured / elapsed_ns * uncertainty_ns + 1;
  const u64 rounded = (measured + kMhz / 2) / kMhz * kMhz;
  const u64 off = rounded > measured ? rounded - measured : measured - rounded;
  return off <= slack ? rounded : measured;
}

}  // namespace

void timer_init() {
  local_apic_write(LocalApic::kTimerDivide, kDivideBy1);
  local_apic_write(LocalApic::kLvtTimer, kLvtMasked);
  local_apic_write(LocalApic::kTimerInitial, kMaxCount);
  reference_clock_start();

  constexpr u64 min_ns = 2'000'000;
  constexpr u64 max_ns = 20'000'000;
  constexpr u64 good_ratio = 20'000;  // 50 parts per million
  const Sample first = take_best_sample();
  u64 elapsed;
  u64 uncertainty;
  Sample last;
  do {
    spin();
    last = take_best_sample();
    elapsed = last.reference_ns - first.reference_ns;
    uncertainty = first.uncertainty + last.uncertainty;
  } while (elapsed < min_ns ||
           (elapsed < max_ns && uncertainty * good_ratio > elapsed));

  const u64 tsc_hz = frequency(last.tsc - first.tsc, elapsed, uncertainty);
  const u64 timer_hz =
      frequency(first.timer - last.timer, elapsed, uncertainty);
  if (tsc_hz < kMhz || timer_hz < kMhz) panic("boot: a clock stands still");
  ns_per_tick = (kSecond << 32) / tsc_hz;
  counts_per_ns = (timer_hz << 32) / kSecond;
  tsc_start = read_tsc();

  local_apic_write(LocalApic::kTimerInitial, 0);
  local_apic_write(LocalApic::kLvtTimer, VECTOR_TIMER);  // one-shot
}

u64 now_ns() { return multiply_shift_32(read_tsc() - tsc_start, ns_per_tick); }

ClockParameters clock_parameters() { return {tsc_start, ns_per_tick}; }

void timer_set(u64 deadline_ns) {
  deadline = deadline_ns;
  const u64 now = now_ns();
  u64 count = 1;
  if (deadline_ns > now) {
    // Beyond the counter's range the interrupt comes early: timer_due().
    const u64 wait = deadline_ns - now;
    count = wait < kSecond ? multiply_shift_32(wait, counts_per_ns) + 1
                           : multiply_shift_32(kSecond, counts_per_ns);
    if (count > kMaxCount) count = kMaxCount;
  }
  local_apic_write(LocalApic::kTimerInitial, static_cast<u32>(count));
}

bool timer_due() {
  if (deadline == 0) return false;
  if (now_ns() < deadline) {
    timer_set(deadline);
    return false;
  }
  deadline = 0;
  return true;
}

}  // namespace tine::hw
