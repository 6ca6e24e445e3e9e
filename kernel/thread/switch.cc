#include "kernel/thread/switch.h"

#include "arch/hw/cpu.h"
#include "kernel/thread/cpu_time.h"

namespace tine {

constinit PerCpu per_cpu[kMaxCpus];

namespace {

// Saves the FP and TLS registers of whoever they belong to, loads `thread`'s;
// CPU time is its own from here on.
void change_user_state_owner(PerCpu& cpu, Thread& thread) {
  if (cpu.user_state_owner != nullptr) {
    hw::save_user_state(cpu.user_state_owner->user_state);
  }
  hw::load_user_state(thread.user_state);
  cpu.user_state_owner = &thread;
  start_cpu_time(cpu, thread);
}

}  // namespace

Thread* switch_to(PerCpu& cpu, Thread& thread) {
  if (thread.kind == ThreadKind::kManaged && cpu.user_state_owner != &thread) {
    change_user_state_owner(cpu, thread);
  }
  if (cpu.loaded_space != thread.space) {
    space_load(*thread.space);
    cpu.loaded_space = thread.space;
  }
  cpu.current = &thread;
  return &thread;
}

TINE_BY_REGISTERS Thread* resume_server_by_frame(TINE_MESSAGE_PARAMETERS) {
  store_message(TINE_MESSAGE);
  return switch_to(hw::this_cpu(), *thread);
}

void copy_user_state(hw::UserState& to, const Thread& thread) {
  if (hw::this_cpu().user_state_owner == &thread) {
    hw::save_user_state(to);
  } else {
    copy_whole(to, thread.user_state);
  }
}

void forget_user_state(Thread& thread) {
  PerCpu& cpu = hw::this_cpu();
  if (cpu.user_state_owner == &thread) cpu.user_state_owner = nullptr;
}

}  // namespace tine
