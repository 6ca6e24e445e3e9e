#include "kernel/thread/breakpoints.h"

#include "arch/hw/cpu.h"
#include "arch/hw/debug_unit.h"
#include "kernel/thread/switch.h"

namespace tine {
namespace {

// Whose they were comes back, if it is still there and has some.
void unload(PerCpu& cpu) {
  Thread* owner = cpu.breakpoints_owner;
  cpu.breakpoints_owner = nullptr;
  hw::clear_debug_registers();
  if (owner != nullptr && has_breakpoints(*owner)) {
    hw::set_comes_back(owner->frame);
  }
}

void leave_unit(const Thread& thread) {
  PerCpu& cpu = hw::this_cpu();
  if (cpu.breakpoints_owner == &thread) unload(cpu);
}

}  // namespace

bool claim_breakpoints(Thread& thread) {
  if (FAULT_SITE("breakpoints")) return false;
  if (thread.breakpoints != nullptr) return true;
  Breakpoints* record = breakpoints_slab.take(*thread.pool);
  if (record == nullptr) return false;
  record->life = 0;
  thread.breakpoints = record;
  return true;
}

void set_breakpoints(Thread& thread, const hw::DebugRegisters& registers) {
  Breakpoints& own = *thread.breakpoints;
  own.life = 0;
  leave_unit(thread);  // also those of an earlier thread of this slot
  copy_whole(own.registers, registers);
  hw::sanitize(own.registers);
  own.life = life_of(thread);
  hw::set_comes_back(thread.frame);
}

void get_breakpoints(hw::DebugRegisters& registers, const Thread& thread) {
  if (has_breakpoints(thread)) {
    copy_whole(registers, thread.breakpoints->registers);
  } else {
    registers = hw::DebugRegisters{};
  }
  hw::describe_debug_unit(registers);
}

void drop_breakpoints(Thread& thread) {
  if (!has_breakpoints(thread)) return;
  thread.breakpoints->life = 0;
  leave_unit(thread);
}

void load_breakpoints(PerCpu& cpu, Thread& thread) {
  if (cpu.breakpoints_owner == &thread || !has_breakpoints(thread)) return;
  unload(cpu);
  hw::load_debug_registers(thread.breakpoints->registers);
  cpu.breakpoints_owner = &thread;
}

const hw::DebugRegisters* own_breakpoints(PerCpu& cpu, Thread& thread) {
  if (cpu.breakpoints_owner == &thread && has_breakpoints(thread)) {
    return &thread.breakpoints->registers;
  }
  unload(cpu);
  return nullptr;
}

}  // namespace tine
