// The end of the run: hands control back to the test.
#ifndef ARCH_SIM_HW_POWER_H_
#define ARCH_SIM_HW_POWER_H_

#include "kernel/base/types.h"

namespace tine::hw {

[[noreturn]] void power_off(u32 status);

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_POWER_H_
