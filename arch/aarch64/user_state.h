// What a program keeps in the CPU beside its general registers: FP and TLS.
#ifndef ARCH_AARCH64_USER_STATE_H_
#define ARCH_AARCH64_USER_STATE_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/base/types.h"

namespace tine::hw {

// A tracer's single step of the thread (single_step.h).
enum class Step : u64 {
  kNone,
  kBegins,  // its next instruction is to be the only one
  kIsDone,  // that has been executed, which is to be told
};

struct alignas(16) UserState {
  u64 vectors[64];  // q0 .. q31
  u64 fpsr;
  u64 fpcr;
  u64 tpidr;    // TPIDR_EL0
  u64 tpidrro;  // TPIDRRO_EL0: no program can set it
  Step step;    // not a register
};
static_assert(offsetof(UserState, fpsr) == USER_STATE_FPSR);
static_assert(offsetof(UserState, tpidr) == USER_STATE_TPIDR);
static_assert(sizeof(UserState) <= 640);

// From and to the CPU. Loading takes any content.
extern "C" void aarch64_save_user_state(UserState* state);
extern "C" void aarch64_load_user_state(const UserState* state);
inline void save_user_state(UserState& state) {
  aarch64_save_user_state(&state);
}
inline void load_user_state(const UserState& state) {
  aarch64_load_user_state(&state);
}

// As exec leaves it: everything zero, which is round to nearest, no traps.
inline void init_user_state(UserState& state) { state = UserState{}; }

// Drops what a program could not have set: reserved bits (Arm ARM C5.2.8).
inline void sanitize(UserState& state) {
  state.fpsr &= 0xf800'009f;
  state.fpcr &= 0x07c8'9f00;
  state.tpidrro = 0;
  if (state.step != Step::kBegins) state.step = Step::kNone;
}

inline void set_tls(UserState& state, u64 value) { state.tpidr = value; }

}  // namespace tine::hw

#endif  // ARCH_AARCH64_USER_STATE_H_
