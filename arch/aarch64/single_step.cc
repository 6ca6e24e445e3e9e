#include "arch/hw/single_step.h"

namespace tine::hw {
namespace {

// Of SPSR_EL1: the instruction to be stepped has not been executed.
constexpr u64 kNotStepped = u64{1} << 21;

// For whom the CPU steps. It may be gone: slots of threads stay where they are.
constinit Thread* stepped = nullptr;

// Acts from the next return to user mode on: nothing steps in the kernel
// (MDSCR_EL1.KDE is 0).
void set_steps(bool on) {
  u64 control;
  asm volatile("mrs %0, mdscr_el1" : "=r"(control));
  control = on ? control | 1 : control & ~u64{1};
  asm volatile("msr mdscr_el1, %0; isb" : : "r"(control));
}

// It waits, or was interrupted; its frame says how far its step has come.
void put_off_step() {
  Thread* thread = stepped;
  stepped = nullptr;
  if (thread == nullptr || !thread->object.live ||
      thread->user_state.step == Step::kNone) {
    return;
  }
  const bool begins = (thread->frame.flags & kNotStepped) != 0;
  thread->user_state.step = begins ? Step::kBegins : Step::kIsDone;
  thread->frame.flags |= kComesBack;
}

}  // namespace

void begin_step(Thread& thread) {
  if (stepped != &thread) put_off_step();
  u64& flags = thread.frame.flags;
  flags &= ~(kComesBack | kNotStepped);
  if (thread.user_state.step == Step::kNone) return;
  if (thread.user_state.step == Step::kBegins) flags |= kNotStepped;
  stepped = &thread;
  set_steps(true);
}

bool end_step(Thread& thread) {
  set_steps(false);
  if (stepped != &thread || thread.user_state.step == Step::kNone) {
    put_off_step();
    return false;
  }
  stepped = nullptr;
  thread.user_state.step = Step::kNone;
  return true;
}

}  // namespace tine::hw
