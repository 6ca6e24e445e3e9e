// The end of the machine's run.
#ifndef ARCH_AARCH64_POWER_H_
#define ARCH_AARCH64_POWER_H_

#include "kernel/base/types.h"

namespace tine::hw {

// Switches off through PSCI, which takes no status: what reads the console has
// it from there. Halts if the machine has no PSCI.
[[noreturn]] void power_off(u32 status);

}  // namespace tine::hw

#endif  // ARCH_AARCH64_POWER_H_
