// The end of the run, as the machine knows it.
#ifndef ARCH_X86_64_POWER_H_
#define ARCH_X86_64_POWER_H_

#include "kernel/base/types.h"

namespace tine::hw {

// The status was printed before; here it is no more than a hint.
[[noreturn]] void power_off(u32 status);

}  // namespace tine::hw

#endif  // ARCH_X86_64_POWER_H_
