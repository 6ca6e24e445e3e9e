#include "kernel/thread/switch.h"

#include "arch/hw/cpu.h"
#include "kernel/thread/cpu_time.h"

namespace tine {

constinit PerCpu per_cpu[kMaxCpus];

void change_user_state_owner(PerCpu& cpu, Thread& thread) {
  if (cpu.user_state_owner != nullptr) {
    hw::save_user_state(cpu.user_state_owner->user_state);
  }
  hw::load_user_state(thread.user_state);
  cpu.user_state_owner = &thread;
  start_cpu_time(cpu, thread);
}

void spill_user_state(Thread& thread) {
  if (hw::this_cpu().user_state_owner == &thread) {
    hw::save_user_state(thread.user_state);
  }
}

void forget_user_state(Thread& thread) {
  PerCpu& cpu = hw::this_cpu();
  if (cpu.user_state_owner == &thread) cpu.user_state_owner = nullptr;
}

}  // namespace tine
