#include "kernel/thread/cpu_time.h"

#include "arch/hw/cpu.h"
#include "arch/hw/timer.h"

namespace tine {
namespace {

// Beyond so many samples old ones count half.
constexpr u32 kMostSamples = 1 << 12;
// What is split at once: below 2^64 / kMostSamples.
constexpr u64 kMostSplitNs = u64{1} << 51;

}  // namespace

void charge_cpu_time(PerCpu& cpu) {
  Thread* thread = cpu.time_owner;
  if (thread == nullptr) return;
  const u64 now = hw::now_ns();
  const u64 elapsed = now - cpu.time_since;
  cpu.time_since = now;
  if (thread->served_samples == 0 || elapsed > kMostSplitNs) [[likely]] {
    thread->user_ns += elapsed;
    return;
  }
  const u64 served = elapsed * thread->served_samples /
                     (thread->served_samples + thread->user_samples);
  thread->served_ns += served;
  thread->user_ns += elapsed - served;
}

void start_cpu_time(PerCpu& cpu, Thread& thread) {
  if (cpu.time_owner != nullptr) {
    charge_cpu_time(cpu);
  } else {
    cpu.time_since = hw::now_ns();
  }
  cpu.time_owner = &thread;
}

void pause_cpu_time(PerCpu& cpu) { charge_cpu_time(cpu); }

void resume_cpu_time(PerCpu& cpu) { cpu.time_since = hw::now_ns(); }

void sample_cpu_time(PerCpu& cpu) {
  Thread* thread = cpu.time_owner;
  if (thread == nullptr) return;
  if (thread->served_samples + thread->user_samples == kMostSamples) {
    thread->served_samples /= 2;
    thread->user_samples /= 2;
  }
  ++(cpu.current->kind == ThreadKind::kServer ? thread->served_samples
                                              : thread->user_samples);
  charge_cpu_time(cpu);
}

void forget_cpu_time(Thread& thread) {
  PerCpu& cpu = hw::this_cpu();
  if (cpu.time_owner == &thread) cpu.time_owner = nullptr;
}

}  // namespace tine
