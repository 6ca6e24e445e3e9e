// What a managed thread owns besides its frame: FP, TLS and data selectors.
// It stays in the CPU while servers run, which touch none of it.
#ifndef ARCH_X86_64_USER_STATE_H_
#define ARCH_X86_64_USER_STATE_H_

#include "arch/hw/registers.h"
#include "kernel/base/types.h"

namespace tine::hw {

struct alignas(16) UserState {
  u8 fx[512];  // FXSAVE64 area; OSXSAVE is off, so this is all of the FP state
  u64 fs_base;
  u64 gs_base;
  u16 ds, es, fs, gs;  // 64-bit code has no use for them, yet they are kept
};
static_assert(sizeof(UserState) <= 640);

namespace fx {
inline constexpr unsigned kControlWord = 0;  // x87 FCW, 16 bits
inline constexpr unsigned kMxcsr = 24;       // 32 bits
inline constexpr u16 kCleanControlWord = 0x037f;
inline constexpr u32 kCleanMxcsr = 0x1f80;
// MXCSR bits of every CPU since SSE2 was complete; others fault on FXRSTOR.
inline constexpr u32 kMxcsrMask = 0xffff;
}  // namespace fx

// WRMSR and WRFSBASE fault on non-canonical values.
constexpr u64 make_canonical(u64 address) {
  return static_cast<u64>(static_cast<i64>(address << 16) >> 16);
}

// Null with any RPL, or a user selector: all that user code can load.
constexpr u16 make_user_selector(u16 selector) {
  const bool null = selector < 4;
  const bool user = (selector | 3) == SELECTOR_USER_DATA ||
                    (selector | 3) == SELECTOR_USER_CODE;
  return null || user ? selector : u16{0};
}

inline void init_user_state(UserState& state) {
  state = UserState{};
  __builtin_memcpy(state.fx + fx::kControlWord, &fx::kCleanControlWord, 2);
  __builtin_memcpy(state.fx + fx::kMxcsr, &fx::kCleanMxcsr, 4);
}

// Makes content from elsewhere safe to load.
inline void sanitize(UserState& state) {
  u32 mxcsr;
  __builtin_memcpy(&mxcsr, state.fx + fx::kMxcsr, 4);
  mxcsr &= fx::kMxcsrMask;
  __builtin_memcpy(state.fx + fx::kMxcsr, &mxcsr, 4);
  state.fs_base = make_canonical(state.fs_base);
  state.gs_base = make_canonical(state.gs_base);
  state.ds = make_user_selector(state.ds);
  state.es = make_user_selector(state.es);
  state.fs = make_user_selector(state.fs);
  state.gs = make_user_selector(state.gs);
}

// The TLS register of the ABI is the FS base.
inline void set_tls(UserState& state, u64 value) {
  state.fs_base = make_canonical(value);
}

inline void save_user_state(UserState& state) {
  asm volatile("fxsave64 %0" : "=m"(state.fx));
  if (fsgsbase_enabled) {
    asm volatile("rdfsbase %0" : "=r"(state.fs_base));
    asm volatile("rdgsbase %0" : "=r"(state.gs_base));
  } else {
    state.fs_base = read_msr(Msr::kFsBase);
    state.gs_base = read_msr(Msr::kGsBase);
  }
  asm volatile("mov %%ds, %0" : "=m"(state.ds));
  asm volatile("mov %%es, %0" : "=m"(state.es));
  asm volatile("mov %%fs, %0" : "=m"(state.fs));
  asm volatile("mov %%gs, %0" : "=m"(state.gs));
}

// `state` is as init, save or sanitize left it. Selectors go before the bases,
// which loading a selector sets.
inline void load_user_state(const UserState& state) {
  asm volatile("mov %0, %%ds" : : "m"(state.ds));
  asm volatile("mov %0, %%es" : : "m"(state.es));
  asm volatile("mov %0, %%fs" : : "m"(state.fs));
  asm volatile("mov %0, %%gs" : : "m"(state.gs));
  if (fsgsbase_enabled) {
    asm volatile("wrfsbase %0" : : "r"(state.fs_base));
    asm volatile("wrgsbase %0" : : "r"(state.gs_base));
  } else {
    write_msr(Msr::kFsBase, state.fs_base);
    write_msr(Msr::kGsBase, state.gs_base);
  }
  asm volatile("fxrstor64 %0" : : "m"(state.fx));
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_USER_STATE_H_
