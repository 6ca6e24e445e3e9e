// What a simulated program keeps in the CPU besides its general registers, with
// the real layout; the CPU's copy is a variable.
#ifndef ARCH_SIM_HW_AARCH64_USER_STATE_H_
#define ARCH_SIM_HW_AARCH64_USER_STATE_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Nothing steps here.
enum class Step : u64 { kNone, kBegins, kIsDone };

struct alignas(16) UserState {
  u64 vectors[64];
  u64 fpsr;
  u64 fpcr;
  u64 tpidr;
  u64 tpidrro;
  Step step;
};

inline UserState cpu_user_state;

inline void save_user_state(UserState& state) { state = cpu_user_state; }
inline void load_user_state(const UserState& state) { cpu_user_state = state; }
inline void init_user_state(UserState& state) { state = UserState{}; }
// There is no content that the simulator could not load.
inline void sanitize(UserState&) {}
inline void set_tls(UserState& state, u64 value) { state.tpidr = value; }

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_AARCH64_USER_STATE_H_
